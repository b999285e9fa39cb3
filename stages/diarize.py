"""Sound -> speaker turns."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import ClassVar, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.engine import Engine, EngineHost
from stages.engine_errors import EngineError
from stages.speech import AudioChunk, Diarized, Gap, Mark, Span, SpeakerTurn, Speech, Voices, seconds
from stages.stage import Inbox, Stage, items
from stages.turns import merge, relabel
from stages.whole_track import WholeTrack
from stages.windows import Window, Windows

MARK_SECONDS = 60
"""Seconds of sound after which listening can be taken up again."""


class SpeakerCount(msgspec.Struct, frozen=True):
    """How many people speak, as far as the user knows."""

    at_least: int = 1
    """At least 1."""
    at_most: int | None = None
    """None where anything is possible; equal to `at_least` where the number is known."""


class WindowDiarizer(Engine, Protocol):
    """Hears voices window by window, and tells at any time whose they are."""

    window: int
    """Samples in a window: at most 30 s."""
    hop: int
    """Samples from the start of a window to the start of the next."""

    def listen(self, samples: NDArray[np.float32], start: float, track: str) -> Voices:
        """Hear one window (padded by the engine if it is short) that begins `start` seconds into the track."""

    def turns(self, heard: Sequence[Voices], count: SpeakerCount) -> list[SpeakerTurn]:
        """Tell who spoke when, over all windows heard so far; turns may overlap where people did.

        `heard` is of one track and in time order. Speakers are S1, S2, ... in order of first appearance.
        """


class RecordingDiarizer(Engine, Protocol):
    """Hears a whole recording at once, as pyannote's pipelines and remote services do."""

    def diarize(
        self, samples: NDArray[np.float32], count: SpeakerCount, progress: Callable[[float], None]
    ) -> list[SpeakerTurn]:
        """Tell who spoke when in a whole track, shape (n,), 16 kHz. `progress` is told the share done, 0..1."""


class ListenToVoices(Stage[AudioChunk, Voices | Gap]):
    """Hears every track through overlapping windows on one grid, whatever chunks it comes in.

    A window waits until all its sound is here; only the last one of a track is short. No state crosses a window, so a
    mark comes every minute, where the next window begins.
    """

    name: ClassVar[str] = "listen"
    consumes: ClassVar[tuple[type[Span], ...]] = (AudioChunk,)
    produces: ClassVar[tuple[type[Span], ...]] = (Voices, Gap)

    def __init__(self, host: EngineHost[WindowDiarizer]) -> None:
        self._host = host

    async def run(self, inbox: Inbox[AudioChunk]) -> AsyncGenerator[Voices | Gap | Mark, None]:
        """Yield what each window holds, as soon as it is complete."""
        tracks: dict[str, Windows] = {}
        async for item in items(inbox):
            if item.track in tracks and (isinstance(item, Mark) or item.first_sample > tracks[item.track].end):
                async for out in self._hear(tracks.pop(item.track).rest()):
                    yield out
            if isinstance(item, Mark):
                yield Mark(start=item.start, end=item.start, track=item.track)
                continue
            track = tracks[item.track] = tracks.get(item.track) or self._begin(item)
            track.take(item)
            async for out in self._hear(track.complete()):
                yield out
        for track in tracks.values():
            async for out in self._hear(track.rest()):
                yield out

    def _begin(self, chunk: AudioChunk) -> Windows:
        return Windows(self._host.engine.window, self._host.engine.hop, chunk, MARK_SECONDS)

    async def _hear(self, windows: Iterable[Window]) -> AsyncGenerator[Voices | Gap | Mark, None]:
        """Ask the engine about each window; one that it cannot hear becomes a gap up to where the next one begins."""
        for window in windows:
            start, until = seconds(window.first), seconds(window.first + window.advance)
            if window.marked:
                yield Mark(start=start, end=start, track=window.track)
            try:
                yield await self._host.call(_listen, window.samples, start, window.track)
            except EngineError as error:
                if self._host.state == "failed":
                    raise
                yield Gap(start=start, end=until, track=window.track, stage=self.name, reason=str(error))


class ClusterVoices(Stage[Voices, SpeakerTurn]):
    """Tells, when everything was heard, which voices of each track are one person."""

    name: ClassVar[str] = "diarize"
    consumes: ClassVar[tuple[type[Span], ...]] = (Voices,)
    produces: ClassVar[tuple[type[Span], ...]] = (SpeakerTurn,)

    def __init__(self, host: EngineHost[WindowDiarizer], count: SpeakerCount | None = None) -> None:
        self._host, self._count = host, count or SpeakerCount()

    async def run(self, inbox: Inbox[Voices]) -> AsyncGenerator[SpeakerTurn | Mark, None]:
        """Yield all turns of the meeting in time order; a window heard again replaces the one before."""
        tracks: dict[str, dict[int, Voices]] = {}
        async for item in items(inbox):
            if isinstance(item, Voices):
                tracks.setdefault(item.track, {})[item.first_sample] = item
        turns: list[SpeakerTurn] = []
        for track in sorted(tracks):
            heard = [tracks[track][first] for first in sorted(tracks[track])]
            turns.extend(await self._host.call(_turns, heard, shared(self._count, len(tracks))))
        for turn in relabel(turns):
            yield turn


class DiarizeRecording(Stage[AudioChunk, SpeakerTurn]):
    """Gives an engine each track as a whole.

    A recording cannot be cut here without making two people of one: this is the one call that covers more than 30 s.
    All its samples lie on disk meanwhile, 230 MB for an hour and track, and are no memory of this process.
    """

    name: ClassVar[str] = "diarize"
    consumes: ClassVar[tuple[type[Span], ...]] = (AudioChunk,)
    produces: ClassVar[tuple[type[Span], ...]] = (SpeakerTurn,)

    def __init__(
        self,
        host: EngineHost[RecordingDiarizer],
        count: SpeakerCount | None = None,
        progress: Callable[[float], None] | None = None,
        folder: Path | None = None,
    ) -> None:
        """Tell `progress` the share done, 0..1, from the engine's thread; `folder` is a `WholeTrack`'s."""
        self._host, self._count = host, count or SpeakerCount()
        self._progress, self._folder = progress, folder

    async def run(self, inbox: Inbox[AudioChunk]) -> AsyncGenerator[SpeakerTurn | Mark, None]:
        """Yield all turns of the meeting in time order."""
        tracks: dict[str, WholeTrack] = {}
        with ExitStack() as files:
            async for item in items(inbox):
                if not isinstance(item, AudioChunk):
                    continue
                if item.track not in tracks:
                    tracks[item.track] = files.enter_context(closing(WholeTrack(self._folder)))
                tracks[item.track].take(item)
            turns = await self._turns(tracks)
        for turn in relabel(turns):
            yield turn

    async def _turns(self, tracks: Mapping[str, WholeTrack]) -> list[SpeakerTurn]:
        turns: list[SpeakerTurn] = []
        for done, track in enumerate(sorted(tracks)):

            def told(share: float, done: int = done) -> None:
                if self._progress is not None:
                    self._progress((done + share) / len(tracks))

            count = shared(self._count, len(tracks))
            found = await self._host.call(_diarize, tracks[track], count, told)
            turns.extend(msgspec.structs.replace(turn, track=track) for turn in found)
        return turns


class SpeakerIsTrack(Stage[Speech, SpeakerTurn | Diarized]):
    """Where every participant has a track of their own, who speaks is who is heard on it."""

    name: ClassVar[str] = "diarize"
    consumes: ClassVar[tuple[type[Span], ...]] = (Speech,)
    produces: ClassVar[tuple[type[Span], ...]] = (SpeakerTurn, Diarized)

    async def run(self, inbox: Inbox[Speech]) -> AsyncGenerator[SpeakerTurn | Diarized | Mark, None]:
        """Yield a turn for each stretch: at once while live, in time order and labelled by it otherwise."""
        names: dict[str, str] = {}
        turns: list[SpeakerTurn] = []
        async for item in items(inbox):
            if isinstance(item, Mark):
                continue
            name = names.setdefault(item.track, f"S{len(names) + 1}")
            turn = SpeakerTurn(start=item.start, end=item.end, track=item.track, speaker=name)
            if inbox.live:
                yield turn
                yield Diarized(start=item.start, end=item.end, track=item.track)
            else:
                turns.append(turn)
        for turn in relabel(merge(turns)):
            yield turn


def shared(count: SpeakerCount, tracks: int) -> SpeakerCount:
    """Return what a count for the meeting says of each of its tracks: with several, only that no track has more."""
    return count if tracks == 1 else SpeakerCount(at_most=count.at_most)


def _listen(engine: WindowDiarizer, samples: NDArray[np.float32], start: float, track: str) -> Voices:
    return engine.listen(samples, start, track)


def _turns(engine: WindowDiarizer, heard: Sequence[Voices], count: SpeakerCount) -> list[SpeakerTurn]:
    return engine.turns(heard, count)


def _diarize(
    engine: RecordingDiarizer, sound: WholeTrack, count: SpeakerCount, progress: Callable[[float], None]
) -> list[SpeakerTurn]:
    return engine.diarize(sound.samples(), count, progress)
