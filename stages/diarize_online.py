"""Voices -> speaker turns, while people speak: a turn once told is not taken back."""

from collections.abc import AsyncGenerator, Iterator
from typing import ClassVar, Protocol

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from stages.diarize import SpeakerCount, WindowDiarizer
from stages.engine import EngineHost
from stages.reconstruct import Frames, Tidy, reconstruct
from stages.speakers_so_far import SpeakersSoFar
from stages.speech import Diarized, Mark, Span, SpeakerTurn, Voices
from stages.stage import Inbox, Stage, items


class OnlineDiarizer(WindowDiarizer, Protocol):
    """Hears voices window by window, and can compare them one by one."""

    @property
    def grid(self) -> Frames:
        """Where the frames of a window lie."""

    def vectors(self, window: Voices) -> NDArray[np.float32]:
        """Return how each local speaker sounds, NaN where too little was heard; the cosine of two tells their likeness.

        Shape (speakers, dimensions), unit length.
        """


LATE_SECONDS = 1.25
"""Turns are told so long before the end of the latest window: at its edge a window is least sure, and alone."""


class DiarizeOnline(Stage[Voices, SpeakerTurn | Diarized]):
    """Tells after each window who spoke, up to shortly before its end.

    Source: Coria et al., Overlap-aware low-latency online speaker diarization, 2021 (overlapping windows, vote, delay).
    """

    name: ClassVar[str] = "diarize"
    consumes: ClassVar[tuple[type[Span], ...]] = (Voices,)
    produces: ClassVar[tuple[type[Span], ...]] = (SpeakerTurn, Diarized)

    def __init__(
        self, host: EngineHost[OnlineDiarizer], count: SpeakerCount | None = None, *, late_seconds: float = LATE_SECONDS
    ) -> None:
        self._host, self._count, self._late = host, count or SpeakerCount(), late_seconds

    async def run(self, inbox: Inbox[Voices]) -> AsyncGenerator[SpeakerTurn | Diarized | Mark, None]:
        """Follow each track; labels are given across tracks, in order of appearance."""
        tracks: dict[str, _Track] = {}
        names: list[str] = []
        async for window in items(inbox):
            if isinstance(window, Mark):
                continue
            grid = self._host.engine.grid
            if window.track not in tracks:
                tracks[window.track] = _Track(SpeakersSoFar(grid, self._count), grid, names)
            track = tracks[window.track]
            vectors = await self._host.call(_vectors, window)
            await anyio.to_thread.run_sync(track.hear, window, vectors)
            for told in track.turns(window.end - self._late):
                yield told
        for track in tracks.values():
            for told in track.turns():
                yield told


def _vectors(engine: OnlineDiarizer, window: Voices) -> NDArray[np.float32]:
    return engine.vectors(window)


class _Track:
    """Speakers of one track, and the windows of which not everything is told."""

    def __init__(self, speakers: SpeakersSoFar, grid: Frames, names: list[str]) -> None:
        self._speakers, self._grid, self._names = speakers, grid, names
        self._labels: dict[str, str] = {}
        self._recent: list[Voices] = []
        self._told = 0.0

    def hear(self, window: Voices, vectors: NDArray[np.float32]) -> None:
        """Take a window."""
        self._speakers.hear(window, vectors)
        self._recent = [*(before for before in self._recent if before.end > self._told), window]

    def turns(self, until: float | None = None) -> Iterator[SpeakerTurn | Diarized]:
        """Yield the turns from the last frontier to the next, which is the end of what was heard if it is not given."""
        if not self._recent:
            return
        last = self._recent[-1]
        frontier = last.end if until is None else until
        if frontier <= self._told:
            return
        who = self._speakers.latest(len(self._recent))
        for turn in reconstruct(self._recent, who, self._grid, Tidy()):
            start, end = max(turn.start, self._told), min(turn.end, frontier)
            if end > start:
                yield SpeakerTurn(start=start, end=end, track=last.track, speaker=self._label(turn.speaker))
        yield Diarized(start=self._told, end=frontier, track=last.track)
        self._told = frontier

    def _label(self, speaker: str) -> str:
        if speaker not in self._labels:
            self._names.append(f"S{len(self._names) + 1}")
            self._labels[speaker] = self._names[-1]
        return self._labels[speaker]
