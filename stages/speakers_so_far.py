"""Voices, window by window -> who they are among those heard so far."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.cluster_voices import Labels, Rules, Vectors, label_voices
from stages.diarize import SpeakerCount
from stages.reconstruct import SILENT, Frames
from stages.speech import Voices
from stages.voice_space import unit


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """When a voice is one that was heard before. Cosines, -1..1; figures of the bench of online turns."""

    same: float = 0.25
    """From here on it is the nearest known voice."""
    new_seconds: float = 1.0
    """Solo speech from which on a voice that is like none founds a speaker; below, it goes to the nearest if at all."""
    nearest: float = 0.1
    """Below this a voice with little speech is nobody's."""
    learn_seconds: float = 1.0
    """Solo speech from which on a voice adds to what is known of its speaker."""
    again_share: float = 0.05
    """What is known is thought over again when the windows have grown by this share."""
    windows: int = 600
    """So many are remembered, 25 minutes or 3 MB at first; when there are more, every second of the older half goes."""


class SpeakersSoFar:
    """Who speaks in each window of one track.

    A voice is given to the speaker it sounds most like, or to a new one. Again and again all windows are clustered as
    they are offline: speakers that were taken for one are two from then on, and two names of one person become the one
    under which more was said.
    """

    def __init__(self, frames: Frames, count: SpeakerCount, likeness: Likeness | None = None) -> None:
        self._frames, self._count, self._likeness, self._rules = frames, count, likeness or Likeness(), Rules()
        self._heard: list[Voices] = []
        self._vectors: list[Vectors] = []
        self._who: list[Labels] = []
        self._sums: list[NDArray[np.float64]] = []
        self._due = 1

    def latest(self, windows: int) -> Labels:
        """Return who speaks in the last windows, `SILENT` where nobody does. Shape (windows, local speakers)."""
        return np.stack(self._who[-windows:])

    def hear(self, window: Voices, vectors: Vectors) -> None:
        """Take a window and how its local speakers sound, shape (speakers, dimensions), NaN where unknown."""
        self._heard.append(window)
        self._vectors.append(vectors)
        self._who.append(self._name(window, vectors))
        if len(self._heard) >= self._due:
            self._think_again()
            self._due = len(self._heard) + max(1, round(self._likeness.again_share * len(self._heard)))

    def _name(self, window: Voices, vectors: Vectors) -> Labels:
        """Return the speaker of each local voice, and learn from those that say enough."""
        from scipy.optimize import linear_sum_assignment

        who = np.full(window.speakers, SILENT, np.int64)
        active = window.activity().any(axis=0)
        known = [int(at) for at in np.flatnonzero(active) if np.isfinite(vectors[at]).all()]
        there = [name for name, total in enumerate(self._sums) if total.any()]
        if there and known:
            likely = vectors[known].astype(np.float64) @ unit(np.stack(self._sums)).T
            rows, columns = linear_sum_assignment(-likely[:, there])
            for row, speaker in zip(rows.tolist(), np.array(there)[columns].tolist(), strict=True):
                if likely[row, speaker] >= self._least(window.solo[known[row]]):
                    who[known[row]] = speaker
        for at in sorted(known, key=lambda voice: -window.solo[voice]):
            if who[at] == SILENT and window.solo[at] >= self._likeness.new_seconds and not self._full:
                who[at] = self._found(vectors[at])
        for at in known:
            if who[at] != SILENT and window.solo[at] >= self._likeness.learn_seconds:
                self._sums[who[at]] = self._sums[who[at]] + vectors[at].astype(np.float64) * window.solo[at]
        return who

    @property
    def _full(self) -> bool:
        there = sum(bool(total.any()) for total in self._sums)
        return self._count.at_most is not None and there >= self._count.at_most

    def _least(self, solo: float) -> float:
        if self._full:
            return -1.0
        return self._likeness.same if solo >= self._likeness.new_seconds else self._likeness.nearest

    def _found(self, vector: NDArray[np.float32]) -> int:
        self._sums.append(np.zeros(len(vector)))
        return len(self._sums) - 1

    def _think_again(self) -> None:
        """Cluster everything, and go on under the names that most of each group had."""
        self._forget()
        vectors = np.stack(self._vectors)
        groups = label_voices(self._heard, vectors, self._frames, self._count, self._rules)
        if groups.max() == SILENT:
            return
        solo = np.array([window.solo for window in self._heard])
        names = self._names_of(groups, np.stack(self._who), solo)
        self._who = [np.where(row == SILENT, SILENT, names[row]) for row in groups]
        learn = np.isfinite(vectors).all(axis=2) & (solo >= self._likeness.learn_seconds)
        now = np.stack(self._who)
        self._sums = [
            (vectors[learn & (now == name)].astype(np.float64) * solo[learn & (now == name)][:, None]).sum(axis=0)
            for name in range(len(self._sums))
        ]

    def _names_of(self, groups: Labels, who: Labels, solo: NDArray[np.float64]) -> Labels:
        """Return the name of each group: the one it shares most speech with, or a new one."""
        from scipy.optimize import linear_sum_assignment

        count = int(groups.max()) + 1
        shared = np.zeros((count, len(self._sums)))
        both = (groups != SILENT) & (who != SILENT)
        np.add.at(shared, (groups[both], who[both]), solo[both])
        names = np.full(count, SILENT, np.int64)
        rows, columns = linear_sum_assignment(-shared)
        for group, name in zip(rows.tolist(), columns.tolist(), strict=True):
            if shared[group, name] > 0:
                names[group] = name
        for group in np.flatnonzero(names == SILENT):
            names[group] = self._found(self._vectors[0][0])
        return names

    def _forget(self) -> None:
        """Let every second of the older half go when there are too many."""
        if len(self._heard) <= self._likeness.windows:
            return
        half = len(self._heard) // 2
        self._heard[:half] = self._heard[:half:2]
        self._vectors[:half] = self._vectors[:half:2]
        self._who[:half] = self._who[:half:2]
