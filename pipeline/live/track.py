"""One track of a live meeting: what arrives goes into the recording at once, and into a journal."""

import re
from collections.abc import Callable
from typing import Self

import anyio
import msgspec

from pipeline.journal import Journal
from pipeline.live.intake import Container, Intake
from pipeline.live.limits import NotHere, NotLive
from stages.resample_pcm import RawFormat

LiveFormat = RawFormat | Container
BLOCK = 1 << 19
"""Samples of silence that are written at a time."""


class TakenOver(Exception):
    """Another connection sends this track now."""


class OtherFormat(ValueError):
    """A track goes on in another format than it began with."""


class Missing(ValueError):
    """What the client sends next does not follow on what came, and the hole cannot be filled."""


class RunName(msgspec.Struct, frozen=True, order=True):
    """Names one run of bytes of a track, and its journal. A new recorder on the client begins a new run."""

    track: str
    """Name of the track."""
    number: int
    """1, 2, ... within the track."""
    first: int
    """Sample of the meeting at which the run begins, at 16 kHz."""
    format: str
    """As `format_name` writes it."""

    def __str__(self) -> str:
        return f"{self.track}.{self.number:03}.{self.first}.{self.format}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `str` made."""
        track, number, first, name = text.rsplit(".", 3)
        return cls(track, int(number), int(first), name)

    @property
    def live_format(self) -> LiveFormat:
        """How its bytes are written."""
        return RawFormat.named(self.format) or ("webm" if self.format == "webm" else "ogg")


class LiveTrack:
    """One run of bytes. Whoever holds it sends; the newest holder wins."""

    def __init__(self, name: RunName, journal: Journal, intake: Intake) -> None:
        self.run, self.format, self.journal, self.intake = name, name.live_format, journal, intake
        self.holder: object = None
        """The connection that sends now."""
        self.taken_over = anyio.Event()
        """Set when another connection takes the place of the holder; each holder waits for one of its own."""
        self.acknowledge: Callable[[int], None] = lambda _: None
        """Is told how many bytes the store holds."""
        self.tell_hole: Callable[[float, float], None] = lambda _start, _end: None
        """Is told start and end of sound that is missing, in seconds of the meeting."""
        self._half = b""
        self._order = anyio.Lock()
        self._is_closed = self._is_lost = False

    @property
    def name(self) -> str:
        """Name of the track in the recording."""
        return self.run.track

    @property
    def width(self) -> int:
        """Bytes of what is counted on the wire: samples, or bytes of a container."""
        return self.format.width if isinstance(self.format, RawFormat) else 1

    @property
    def durable(self) -> int:
        """Samples, or bytes of a container, that the store holds."""
        return self.journal.acknowledged // self.width

    def hold(self, holder: object) -> None:
        """Give the track to a connection."""
        before, self.taken_over = self.taken_over, anyio.Event()
        self.holder, self._half = holder, b""
        self.acknowledge = lambda _: None
        before.set()

    def release(self, holder: object) -> None:
        """Let nobody be told any more, if this connection still holds the track."""
        if self.holder is holder:
            self.holder, self.acknowledge = None, lambda _: None

    async def take(self, holder: object, data: bytes) -> None:
        """Take bytes that follow those before; half a sample waits for its other half.

        Raises:
            TakenOver: another connection sends this track.
            NotLive: the meeting, or this run, has ended.
            NotHere: it is not heard here any more.
            MediaError: they are no sound.
            NoRoom: the disk is full.
        """
        async with self._order:
            await self._add(holder, data)

    async def skip(self, holder: object, place: int) -> None:
        """Fill a hole up to a place in the journal, in bytes, with silence.

        Raises:
            Missing: bytes of a container cannot be made up.
        """
        async with self._order:
            await self._fill(holder, place)

    async def forward(self, holder: object, place: int, data: bytes) -> None:
        """Take bytes that belong at a place in the journal: what is there already is dropped, a hole is filled.

        Raises as `take` and `skip`.
        """
        async with self._order:
            await self._fill(holder, place)
            known = self._came - place
            if known < len(data):
                await self._add(holder, data[max(0, known) :])

    async def close(self) -> None:
        """Take nothing more, and hear to its end what came."""
        async with self._order:
            self._is_closed = True
            await self.intake.finish()

    def lose(self) -> None:
        """Take nothing more: another node hears the meeting, or this one has to begin anew."""
        self._is_lost = True
        self.intake.abandon()

    @property
    def _came(self) -> int:
        return self.journal.end + len(self._half)

    async def _add(self, holder: object, data: bytes) -> None:
        await self.journal.room()
        if holder is not self.holder:
            raise TakenOver("Another connection sends this track now.")
        if self._is_closed:
            raise NotLive("This meeting is over; begin a new one.")
        if self._is_lost:
            raise NotHere("The meeting has to be taken up anew. Connect again with its id.")
        data = self._half + data
        whole = len(data) - len(data) % self.width
        data, self._half = data[:whole], data[whole:]
        if data:
            self.journal.add(data)
            await self.intake.take(data)

    async def _fill(self, holder: object, place: int) -> None:
        if place <= self._came:
            return
        if not isinstance(self.format, RawFormat):
            raise Missing(
                f"The bytes {self._came} to {place} of this stream are missing. Send them, or begin a new stream."
            )
        first, silence = self._seconds(self.journal.end), self.format.silence
        while (missing := (place - self.journal.end) // self.width) > 0:
            await self._add(holder, silence * min(missing, BLOCK))
        self.tell_hole(first, self._seconds(place))

    def _seconds(self, place: int) -> float:
        assert isinstance(self.format, RawFormat)
        return place / self.width / self.format.rate


def format_name(live_format: LiveFormat) -> str:
    """Return a name of the format that fits into a key."""
    return live_format.name if isinstance(live_format, RawFormat) else live_format


def track_name(name: str) -> str:
    """Return the name of a track if it is plain enough to be part of a key.

    Raises:
        ValueError: it is not.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", name):
        raise ValueError(f"{name!r} cannot name a track: at most 32 lower-case letters, digits and dashes.")
    return name
