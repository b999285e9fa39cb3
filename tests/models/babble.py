"""Sound like speech, for networks that understand nothing."""

import numpy as np
from numpy.typing import NDArray

RATE = 16_000


def babble(seconds: float) -> NDArray[np.float32]:
    """Return bursts of harmonics and pauses, 16 kHz: two voices in turn, five seconds each; it repeats each minute."""
    if seconds > 60:
        return np.resize(babble(60), round(seconds * RATE))
    random = np.random.default_rng(5)
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = np.where((time // 5) % 2 == 0, 110.0, 210.0) * (1 + 0.05 * np.sin(2 * np.pi * 0.7 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voiced = sum(np.sin(phase * number) / number for number in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * time) + 0.3, 0, 1) * ((time % 2.5) < 2.0)
    return (0.1 * voiced * syllables + 0.003 * random.standard_normal(len(time))).astype(np.float32)
