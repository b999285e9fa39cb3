"""Windows with known speakers -> speaker turns."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.speech import SpeakerTurn, Voices
from stages.turns import merge

SILENT = -1
"""The label of a local speaker who says nothing."""

_BLOCK = 65_536
"""Frames that are sorted at a time, to bound memory."""


class Frames(msgspec.Struct, frozen=True):
    """Where the frames of a segmentation model lie in its window."""

    step: float
    """Seconds from one frame to the next."""
    middle: float
    """Seconds from the start of the window to the middle of its first frame."""

    def index(self, time: float) -> int:
        """Return the frame, on the grid of the track, that the first frame of a window falls on."""
        return round(time / self.step)

    def edge(self, index: int) -> float:
        """Return where a frame of the track's grid begins, in seconds."""
        return max(0.0, self.middle + (index - 0.5) * self.step)


class Tidy(msgspec.Struct, frozen=True):
    """How raw turns are cleaned."""

    pause: float = 0.0
    """Longest pause within one speaker's turn, in seconds."""
    shortest: float = 0.1
    """Turns below this many seconds are dropped: six frames, in which nobody says anything."""


def reconstruct(heard: Sequence[Voices], labels: NDArray[np.int64], frames: Frames, tidy: Tidy) -> list[SpeakerTurn]:
    """Return who spoke when: in each frame as many speakers as its windows heard on average, those most heard.

    `labels` has shape (windows, speakers); `heard` is of one track. Speakers are named by their number.
    Source: Bredin, pyannote.audio 2.1 speaker diarization pipeline, 2023 (overlap-added activity, rounded count).
    """
    if not heard or labels.max(initial=SILENT) == SILENT:
        return []
    offset = min(frames.index(window.start) for window in heard)
    active = _speaking(heard, labels, frames, offset)
    end = max(window.end for window in heard)
    turns: list[SpeakerTurn] = []
    for speaker in range(active.shape[1]):
        for first, last in _runs(active[:, speaker]):
            start, until = frames.edge(offset + first), min(end, frames.edge(offset + last))
            if until > start:
                turns.append(SpeakerTurn(start=start, end=until, track=heard[0].track, speaker=str(speaker)))
    return merge(turns, tidy.pause, tidy.shortest)


def _speaking(heard: Sequence[Voices], labels: NDArray[np.int64], frames: Frames, offset: int) -> NDArray[np.bool_]:
    """Return who speaks in each frame from `offset` on. Shape (frames, labels)."""
    places = [frames.index(window.start) - offset for window in heard]
    length = max(place + window.frames for place, window in zip(places, heard, strict=True))
    votes = np.zeros((length, int(labels.max()) + 1), np.uint8)
    voices, windows = np.zeros(length, np.uint16), np.zeros(length, np.uint16)
    for place, window, who in zip(places, heard, labels, strict=True):
        activity = window.activity()
        here = slice(place, place + window.frames)
        windows[here] += 1
        voices[here] += activity[:, who != SILENT].sum(axis=1, dtype=np.uint16)
        for label in np.unique(who[who != SILENT]):
            votes[here, label] += activity[:, who == label].any(axis=1)
    count = np.floor(voices / np.maximum(windows, 1) + 0.5).astype(int)
    active = np.zeros(votes.shape, bool)
    for first in range(0, length, _BLOCK):
        part = slice(first, first + _BLOCK)
        order = np.argsort(-votes[part].astype(np.int16), axis=1, kind="stable")
        chosen = np.arange(votes.shape[1]) < count[part, None]
        np.put_along_axis(active[part], order, chosen, axis=1)
    return active & (votes > 0)


def _runs(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and past-the-last frame of each unbroken run."""
    changes = np.flatnonzero(np.diff(active.astype(np.int8), prepend=0, append=0))
    return [(int(first), int(last)) for first, last in zip(changes[::2], changes[1::2], strict=True)]
