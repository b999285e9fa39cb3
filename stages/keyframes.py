"""A film -> keyframes: the pictures of a shared screen that stayed on view, each kept once."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from stages import decode_wire, media_errors
from stages.decode_process import Child
from stages.engine_errors import EngineError
from stages.media import Limits
from stages.media_errors import Crashed, MediaError
from stages.speech import Keyframe, Mark, Span
from stages.stage import Inbox, Stage

LIMITS = Limits(cpu_seconds=900.0)
"""A film of a screen is small for its length: an hour may have two megabytes."""
JPEG = b"\xff\xd8\xff"
"""How a JPEG begins."""
INTERRUPTED_SECONDS = 5.0
"""A picture that was away for less was on view all the time: somebody opened a menu."""
ADVICE = {
    "NotMedia": "The pictures of {name} cannot be read: {seen}. Its sound is not affected.",
    "Refused": "{name} is a {seen}: its pictures are not read.",
    "Crashed": "The pictures of {name} made their decoder fail ({seen}). Its sound is not affected.",
    "TooMuch": "The pictures of {name} take more {seen} than is allowed. Its sound is not affected.",
}


class Shown(NamedTuple):
    """A stretch during which one picture was on view."""

    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    slide: int
    """Number of the picture; one that returns has the number it had."""
    picture: bytes | None
    """JPEG of it where it is new; None where it returns."""


class Film(Protocol):
    """What may have been shown in a meeting."""

    def shown(self) -> AsyncGenerator[Shown, None]:
        """Yield what was on view, in order of time.

        Raises:
            MediaError: the pictures cannot be read, or not to their end; what came before is good.
        """


class FilmFile:
    """A `Film`: the moving pictures of a file, decoded in a child process that can do nothing else."""

    def __init__(self, path: Path | None = None, limits: Limits = LIMITS) -> None:
        self.path = path
        """The file; None where there is none."""
        self.limits = limits

    async def shown(self) -> AsyncGenerator[Shown, None]:
        """Yield what was on view; nothing where the file has no moving pictures."""
        if self.path is None:
            return
        wish = decode_wire.Wish(
            mixed=True, block=0, stream_format=None, decode=True, pictures=True, tracks=1,
            memory=self.limits.memory, cpu_seconds=0,
        )  # fmt: skip
        picture: bytes | None = None
        async with Child(self.path, self.path.name, wish, self.limits) as child:
            async for message in child.messages():
                if message.kind == decode_wire.PICTURE:
                    picture = bytes(message.data)
                elif message.kind == decode_wire.SCENE:
                    yield self._shown(message, picture)
                    picture = None
                elif message.kind == decode_wire.FAILED:
                    raise self._failure(bytes(message.data))

    def _shown(self, message: decode_wire.Block, picture: bytes | None) -> Shown:
        start, end = msgspec.json.decode(message.data, type=tuple[float, float])
        if not 0 <= start <= end or (picture is not None and not picture.startswith(JPEG)):
            raise Crashed(ADVICE["Crashed"].format(name=self.path, seen="it sent nonsense"))
        return Shown(start, end, message.first, picture)

    def _failure(self, said: bytes) -> MediaError:
        told = msgspec.json.decode(said, type=dict[str, str])
        error: type[MediaError] = getattr(media_errors, told["error"])
        assert self.path is not None
        return error(ADVICE[told["error"]].format(name=self.path.name, seen=told["seen"]))


class NoPictures(EngineError):
    """The pictures cannot be read: that costs slides, and nothing else."""


Keep = Callable[[float, bytes], Awaitable[str]]
"""Keeps a picture that was first shown at a time; returns its key."""


class Keyframes(Stage[Span, Keyframe]):
    """Yields each stretch in which a picture stayed on view; a picture that returns has the key it had."""

    name = "keyframes"
    consumes = ()
    produces = (Keyframe,)

    def __init__(self, film: Film, keep: Keep) -> None:
        self.film, self.keep = film, keep

    async def run(self, inbox: Inbox[Span]) -> AsyncGenerator[Keyframe | Mark, None]:
        """Watch the film. Raises `NoPictures`."""
        keys: dict[int, str] = {}
        last: Keyframe | None = None
        try:
            async for shown in self.film.shown():
                if shown.picture is not None:
                    keys[shown.slide] = await self.keep(shown.start, shown.picture)
                made = Keyframe(start=shown.start, end=shown.end, image=keys[shown.slide])
                if last is not None and last.image == made.image and made.start - last.end <= INTERRUPTED_SECONDS:
                    last = Keyframe(start=last.start, end=made.end, image=last.image)
                    continue
                if last is not None:
                    yield last
                last = made
        except MediaError as error:
            raise NoPictures(str(error)) from error
        if last is not None:
            yield last
