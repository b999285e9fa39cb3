"""Voices -> speaker turns, while people speak: a label once given is not taken back."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import ClassVar, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.diarize import SpeakerCount, WindowDiarizer
from stages.engine import EngineHost
from stages.reconstruct import SILENT, Frames, Tidy, reconstruct
from stages.speech import Diarized, Mark, Span, SpeakerTurn, Voices
from stages.stage import Inbox, Stage, items
from stages.voice_space import unit


class OnlineDiarizer(WindowDiarizer, Protocol):
    """Hears voices window by window, and can compare them one by one."""

    @property
    def grid(self) -> Frames:
        """Where the frames of a window lie."""

    def vectors(self, window: Voices) -> NDArray[np.float32]:
        """Return how each local speaker sounds, NaN where too little was heard; the cosine of two tells their likeness.

        Shape (speakers, dimensions), unit length.
        """


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """When a voice is one that was heard before. Cosines, -1..1; figures of the bench of turns."""

    same: float = 0.25
    """From here on it is the nearest known voice."""
    new_seconds: float = 1.0
    """Solo speech from which on a voice that is like none founds a speaker; below, it goes to the nearest if at all."""
    nearest: float = 0.1
    """Below this a voice with little speech is nobody's."""
    learn_seconds: float = 1.0
    """Solo speech from which on a voice adds to what is known of its speaker."""


class DiarizeOnline(Stage[Voices, SpeakerTurn | Diarized]):
    """Gives each voice of a window to the speaker it sounds most like, or to a new one.

    Speakers are running centroids; two voices of one window are two speakers. After each window the turns up to its
    end are out. Source: Coria et al., Overlap-aware low-latency online speaker diarization, 2021.
    """

    name: ClassVar[str] = "diarize"
    consumes: ClassVar[tuple[type[Span], ...]] = (Voices,)
    produces: ClassVar[tuple[type[Span], ...]] = (SpeakerTurn, Diarized)

    def __init__(
        self, host: EngineHost[OnlineDiarizer], count: SpeakerCount | None = None, likeness: Likeness | None = None
    ) -> None:
        self._host, self._count, self._likeness = host, count or SpeakerCount(), likeness or Likeness()

    async def run(self, inbox: Inbox[Voices]) -> AsyncGenerator[SpeakerTurn | Diarized | Mark, None]:
        """Follow each track; labels are given across tracks, in order of appearance."""
        tracks: dict[str, _Track] = {}
        names: list[str] = []
        async for window in items(inbox):
            if isinstance(window, Mark):
                continue
            track = tracks.setdefault(window.track, _Track(self._likeness, self._count, names))
            vectors = await self._host.call(_vectors, window)
            for turn in track.turns(window, vectors, self._host.engine.grid):
                yield turn
            yield Diarized(start=window.start, end=window.end, track=window.track)


def _vectors(engine: OnlineDiarizer, window: Voices) -> NDArray[np.float32]:
    return engine.vectors(window)


class _Track:
    """Speakers of one track, and the windows that still overlap what comes."""

    def __init__(self, likeness: Likeness, count: SpeakerCount, names: list[str]) -> None:
        self._likeness, self._count, self._names = likeness, count, names
        self._centroids: list[NDArray[np.float64]] = []
        self._labels: list[int] = []
        self._recent: list[tuple[Voices, NDArray[np.int64]]] = []
        self._out = 0.0

    def turns(self, window: Voices, vectors: NDArray[np.float32], grid: Frames) -> Iterator[SpeakerTurn]:
        """Yield the turns between the last frontier and the end of the window."""
        active: NDArray[np.bool_] = np.asarray(window.activity().any(axis=0))
        who = self._who(vectors, active, window.solo)
        self._recent = [(before, labels) for before, labels in self._recent if before.end > window.start]
        self._recent.append((window, who))
        heard = [before for before, _ in self._recent]
        for turn in reconstruct(heard, np.stack([labels for _, labels in self._recent]), grid, Tidy()):
            start, end = max(turn.start, self._out), min(turn.end, window.end)
            if end > start:
                name = f"S{self._labels[int(turn.speaker)] + 1}"
                yield SpeakerTurn(start=start, end=end, track=window.track, speaker=name)
        self._out = window.end

    def _who(self, vectors: NDArray[np.float32], active: NDArray[np.bool_], solo: Sequence[float]) -> NDArray[np.int64]:
        """Return the speaker of each local voice, and learn from those that say enough."""
        from scipy.optimize import linear_sum_assignment

        who = np.full(len(active), SILENT, np.int64)
        known = [int(at) for at in np.flatnonzero(active) if np.isfinite(vectors[at]).all()]
        if self._centroids and known:
            likely = vectors[known].astype(np.float64) @ unit(np.stack(self._centroids)).T
            rows, speakers = linear_sum_assignment(-likely)
            for row, speaker in zip(rows.tolist(), speakers.tolist(), strict=True):
                if likely[row, speaker] >= self._least(solo[known[row]]):
                    who[known[row]] = speaker
        for at in sorted(known, key=lambda voice: -solo[voice]):
            if who[at] == SILENT and solo[at] >= self._likeness.new_seconds and not self._full:
                who[at] = self._found(vectors[at] * 0.0)
        for at in known:
            if who[at] != SILENT and solo[at] >= self._likeness.learn_seconds:
                self._centroids[who[at]] = self._centroids[who[at]] + vectors[at].astype(np.float64) * solo[at]
        return who

    @property
    def _full(self) -> bool:
        return self._count.at_most is not None and len(self._centroids) >= self._count.at_most

    def _least(self, solo: float) -> float:
        if self._full:
            return -1.0
        return self._likeness.same if solo >= self._likeness.new_seconds else self._likeness.nearest

    def _found(self, nothing: NDArray[np.float32]) -> int:
        self._centroids.append(nothing.astype(np.float64))
        self._labels.append(len(self._names))
        self._names.append(f"S{len(self._names) + 1}")
        return len(self._centroids) - 1
