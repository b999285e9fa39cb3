"""Windows with voices, and whose turn it was -> one voiceprint for each speaker."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from stages.speech import SpeakerTurn, Voices


def voiceprints(
    windows: Iterable[Voices], turns: Sequence[SpeakerTurn], window_seconds: float
) -> Mapping[str, NDArray[np.float32]]:
    """Return a vector of unit length for each speaker of whom enough was heard alone. Shape (dimensions,).

    A voice of a window belongs to the speaker whose turns it shares most time with, and counts by its solo speech.
    """
    sums: dict[str, NDArray[np.float32]] = {}
    for window in windows:
        active, prints = window.activity(), window.voiceprints()
        times = window.start + (np.arange(window.frames) + 0.5) * window_seconds / window.frames
        near = [t for t in turns if t.track == window.track and t.overlap(window) > 0]
        held = {
            label: np.logical_or.reduce([(t.start <= times) & (times < t.end) for t in near if t.speaker == label])
            for label in dict.fromkeys(t.speaker for t in near)
        }
        for voice, solo in enumerate(window.solo):
            shared = {label: int((active[:, voice] & frames).sum()) for label, frames in held.items()}
            label = max(shared, key=shared.__getitem__, default=None)
            if label is None or not shared[label] or not np.isfinite(prints[voice]).all():
                continue
            unit = prints[voice] / np.linalg.norm(prints[voice])
            sums[label] = sums.get(label, np.zeros_like(unit)) + np.float32(solo) * unit
    return {label: total / np.linalg.norm(total) for label, total in sums.items()}
