"""Sound -> speech: the stretches in which somebody speaks."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from stages.ear import Ear
from stages.engine import Engine, EngineHost
from stages.engine_errors import EngineError
from stages.level import Levelling
from stages.speech import AudioChunk, Gap, Mark, OpenSpeech, Span, Speech
from stages.stage import Inbox, Sound, Stage, items
from stages.stretches import Detection

State = TypeVar("State")
Found = Speech | OpenSpeech | Gap
NOTHING = np.zeros(0, np.float32)


class VoiceDetector(Engine, Protocol[State]):
    """Tells how likely it is that somebody speaks."""

    frame: int
    """Samples behind each probability."""

    def fresh(self) -> State:
        """Return the state of a stream that has heard nothing yet."""

    def listen(self, samples: NDArray[np.float32], state: State) -> tuple[NDArray[np.float32], State]:
        """Hear more of a stream: a whole number of frames.

        Returns the probability of speech in each frame, shape (frames,), and the state to go on with.
        """


class DetectSpeech(Stage[AudioChunk, Found]):
    """Finds speech in every track by itself; how the sound is cut into chunks changes nothing of it.

    A mark comes once a minute at the latest. Resumed there, it reads the half minute before, for the level alone.
    """

    name: ClassVar[str] = "detect_speech"
    consumes: ClassVar[tuple[type[Span], ...]] = (AudioChunk,)
    produces: ClassVar[tuple[type[Span], ...]] = (Speech, OpenSpeech, Gap)

    def __init__(
        self,
        host: EngineHost[VoiceDetector[Any]],
        sound: Sound,
        *,
        detection: Detection | None = None,
        levelling: Levelling | None = None,
        open_every_seconds: float | None = None,
    ) -> None:
        """Tell of an open stretch whenever it has grown by `open_every_seconds`; None tells only of closed ones."""
        self._host, self._sound = host, sound
        self._detection, self._levelling = detection or Detection(), levelling or Levelling()
        self._open_every = open_every_seconds

    async def run(self, inbox: Inbox[AudioChunk]) -> AsyncGenerator[Found | Mark, None]:
        """Yield stretches as they close, open ones if asked for, and marks."""
        ears: dict[str, Ear[Any]] = {}
        async for item in items(inbox):
            ear = ears.get(item.track)
            if isinstance(item, Mark) or (ear is not None and item.first_sample > ear.end):
                async for out in self._listen(ears.pop(item.track, None), last=True):
                    yield out
                yield Mark(start=item.start, end=item.start, track=item.track)
            if isinstance(item, AudioChunk):
                ear = ears[item.track] = ears.get(item.track) or await self._begin(item)
                ear.take(item)
                async for out in self._listen(ear):
                    yield out
        for ear in ears.values():
            async for out in self._listen(ear, last=True):
                yield out

    async def _begin(self, chunk: AudioChunk) -> Ear[Any]:
        """Begin a track, or go on with it behind a mark or a hole."""
        frame, first = self._host.engine.frame, chunk.first_sample
        ear = Ear[Any](self._detection, self._levelling, frame, chunk.track)
        earlier = first - min(ear.memory, first // frame * frame)
        ear.begin(first, await self._sound.read(chunk.track, earlier, first) if earlier < first else NOTHING)
        return ear

    async def _listen(self, ear: Ear[Any] | None, *, last: bool = False) -> AsyncGenerator[Found | Mark, None]:
        """Work on what was taken, block by block; `last` closes what is open."""
        if ear is None:
            return
        while block := ear.block(last=last):
            for out in await self._hear(ear, block):
                yield out
        if last:
            for stretch in ear.finish():
                yield stretch

    async def _hear(self, ear: Ear[Any], block: Sequence[NDArray[np.float32]]) -> list[Found | Mark]:
        """Ask the engine about one block; one that it cannot hear becomes a gap."""
        try:
            likely, ear.states = await self._host.call(_listen, block, ear.states)
        except EngineError as error:
            if self._host.state == "failed":
                raise
            return [*ear.lose(self.name, str(error))]
        found: list[Found | Mark] = [*ear.hear(likely)]
        return found if self._open_every is None else [*found, *ear.tell(self._open_every)]


def _listen(
    engine: VoiceDetector[State], versions: Sequence[NDArray[np.float32]], states: Sequence[State]
) -> tuple[NDArray[np.float32], list[State]]:
    """Work of the engine's thread: hear more of every version of a stream; the likelier answer counts."""
    answers = [
        engine.listen(version, state)
        for version, state in zip(versions, states or [engine.fresh() for _ in versions], strict=True)
    ]
    return np.max([likely for likely, _ in answers], axis=0), [state for _, state in answers]
