"""Frames of one sender, as WebRTC hands them on -> 16 kHz samples at their places in a meeting."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.live.rtp_clock import BEHIND_SECONDS, RtpClock
from stages.resample_pcm import RATES, PcmResampler, RawFormat
from stages.speech import SAMPLE_RATE

BLOCK_SECONDS = 0.1
"""Sound that is worked on together."""
DEAD_SECONDS = 0.02
"""A smaller error of place is let be: it is jitter."""
STRETCH = 0.02
"""Share of a block that is added or taken to follow a clock that drifts: nobody hears it, recognisers neither."""
CUT_SECONDS = 0.005
"""Frames whose counts lie further apart than this do not follow on each other."""

Samples = NDArray[np.int16]


class SoundFrame(NamedTuple):
    """A decoded frame."""

    told: float
    """Seconds by the sender's clock."""
    arrived: float
    """Seconds by ours."""
    rate: int
    """Samples per second."""
    samples: Samples
    """Shape (n,), mixed to one channel."""


class Placed(NamedTuple):
    """Sound that belongs somewhere."""

    place: int
    """First sample in the meeting, at 16 kHz."""
    samples: Samples
    """Shape (n,)."""


class RtpSound:
    """Follows one sender: what is lost leaves a hole, what drifts is stretched a little."""

    def __init__(self, first: int) -> None:
        """The first sound lies at a sample of the meeting."""
        self._clock = RtpClock(first)
        self.end = first
        """Sample after the last one that was placed."""
        self._waiting: list[SoundFrame] = []
        self._next = 0.0
        self._resampler: PcmResampler | None = None
        self._is_cut = True

    def take(self, frame: SoundFrame) -> list[Placed]:
        """Take a frame, and return what is complete."""
        if not RATES[0] <= frame.rate <= RATES[1]:
            return []
        made: list[Placed] = []
        follows = self._waiting and abs(frame.told - self._next) < CUT_SECONDS
        if self._waiting and (not follows or frame.rate != self._waiting[0].rate):
            made += self._block()
        if not follows and abs(frame.told - self._next) >= CUT_SECONDS:
            made += self._cut()
        self._waiting.append(frame)
        self._next = frame.told + len(frame.samples) / frame.rate
        if self._next - self._waiting[0].told >= BLOCK_SECONDS - 1e-6:
            made += self._block()
        return made

    def finish(self) -> list[Placed]:
        """Return what was held back."""
        return [*(self._block() if self._waiting else ()), *self._cut()]

    def _cut(self) -> list[Placed]:
        """End a run of frames that follow on each other."""
        self._is_cut = True
        if self._resampler is None:
            return []
        rest = _integers(self._resampler.finish())
        self._resampler = None
        return [self._append(rest)] if len(rest) else []

    def _block(self) -> list[Placed]:
        frames, self._waiting = self._waiting, []
        first = frames[0]
        place = self._clock.place(first.told, first.arrived)
        if self._resampler is None:
            self._resampler = PcmResampler(RawFormat("pcm_s16le", first.rate))
        sound = _integers(self._resampler.take(np.concatenate([frame.samples for frame in frames]).tobytes()))
        error = place - self.end
        if self._is_cut or error > BEHIND_SECONDS * SAMPLE_RATE:
            self.end = max(self.end, round(place))
            self._is_cut = False
        elif abs(error) > DEAD_SECONDS * SAMPLE_RATE:
            most = int(len(sound) * STRETCH)
            sound = _stretched(sound, int(np.clip(error, -most, most)))
        return [self._append(sound)] if len(sound) else []

    def _append(self, sound: Samples) -> Placed:
        placed = Placed(self.end, sound)
        self.end += len(sound)
        return placed


def _integers(sound: NDArray[np.float32]) -> Samples:
    return np.rint(np.clip(sound, -1, 32_767 / 32_768) * 32_768).astype(np.int16)


def _stretched(sound: Samples, more: int) -> Samples:
    """Return a sound with so many samples more, or less, spread over all of it."""
    if not more or len(sound) < 2:
        return sound
    at = np.linspace(0, len(sound) - 1, len(sound) + more)
    return np.rint(np.interp(at, np.arange(len(sound)), sound)).astype(np.int16)
