"""Sound -> where it is quietest, and pieces cut there."""

import numpy as np
from numpy.typing import NDArray

from stages.speech import SAMPLE_RATE

STEP = SAMPLE_RATE // 100
"""Samples over which loudness is measured: 10 ms."""
PAUSE = 10
"""Steps that a place to cut is averaged over: 0.1 s is about the shortest pause between words."""


def quietest(sound: NDArray[np.float32], first: int, last: int) -> int:
    """Return the sample between `first` and `last`, at least 0.1 s apart, around which 0.1 s is least loud."""
    steps = sound[first:last][: (last - first) // STEP * STEP].reshape(-1, STEP)
    power = np.square(steps, dtype=np.float64).mean(axis=1)
    around = np.convolve(power, np.ones(PAUSE), "valid")
    return first + (int(around.argmin()) + PAUSE // 2) * STEP


def pieces(sound: NDArray[np.float32], longest: int) -> list[NDArray[np.float32]]:
    """Cut sound into pieces of at most `longest` samples, each at the quietest place of its last third."""
    cut: list[NDArray[np.float32]] = []
    while len(sound) > longest:
        at = quietest(sound, longest * 2 // 3, longest)
        cut.append(sound[:at])
        sound = sound[at:]
    return [*cut, sound]


def halves(sound: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Cut sound in two at the quietest place of its middle half."""
    at = quietest(sound, len(sound) // 4, len(sound) * 3 // 4)
    return [sound[:at], sound[at:]]
