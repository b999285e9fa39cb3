"""Sound -> the gain that brings a recording to the level a detector expects."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.speech import SAMPLE_RATE


class Levelling(msgspec.Struct, frozen=True, kw_only=True):
    """How a recording is brought to a level, from nothing but its own last seconds."""

    target_decibels: float = -40.0
    """Where the loud frames are to be at least, in decibels of full scale."""
    most_decibels: float = 20.0
    """Greatest gain. Sound is never made softer: a detector takes loud speech as it is."""
    extra_decibels: tuple[float, ...] = (0.0, 20.0)
    """The sound is heard once with each of these on top of the gain: for who is near, and for who is far away.

    On far-field meetings this missed 3.7 % of the speech; any one level that was tried, 5.0 to 6.5 %.
    """
    loud_percentile: float = 95.0
    """Which of the frames, sorted by level, counts as loud."""
    floor_decibels: float = -85.0
    """Frames below this are digital silence and tell nothing of the level."""
    memory_seconds: float = 30.0
    """How much of the sound so far the level is taken from."""

    def memory(self, frame: int) -> int:
        """Return how many frames of `frame` samples are remembered."""
        return int(self.memory_seconds * SAMPLE_RATE / frame)

    def decibels(self, levels: NDArray[np.float64]) -> float:
        """Return the gain, in whole decibels, for sound whose last frames had these levels. Shape (frames,)."""
        heard = levels[levels > self.floor_decibels]
        if not heard.size:
            return 0.0
        rank = int(self.loud_percentile / 100 * (heard.size - 1))
        loud = float(np.partition(heard, rank)[rank])
        return float(round(min(max(self.target_decibels - loud, 0.0), self.most_decibels)))


def levels(samples: NDArray[np.float32], frame: int) -> NDArray[np.float64]:
    """Return the level of each whole frame in decibels of full scale. Shape (frames,)."""
    frames = samples[: samples.size // frame * frame].reshape(-1, frame)
    power = np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / frame
    decibels: NDArray[np.float64] = 10 * np.log10(power + 1e-12)
    return decibels


def factor(decibels: float) -> float:
    """Return what samples are multiplied by for a gain."""
    return float(10 ** (decibels / 20))


def finite(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the samples within -1..1, with silence in place of what is not a number."""
    clean = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(clean, -1.0, 1.0, out=clean)
