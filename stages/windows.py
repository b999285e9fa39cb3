"""Chunks of sound -> overlapping windows on a grid that begins with the meeting."""

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.speech import SAMPLE_RATE, AudioChunk


class Window(msgspec.Struct, frozen=True, eq=False):
    """A stretch of a track that is heard at once."""

    track: str
    first: int
    """First sample: a multiple of the hop."""
    advance: int
    """Samples until the next window begins, or, of the last one, until the track ends."""
    samples: NDArray[np.float32]
    """Shape (n,), 16 kHz; short only where the track ends."""
    marked: bool
    """Whether it is the first to begin in a new minute of the meeting, so that work can be taken up again here."""


class Windows:
    """The windows of one track: how its sound is cut into chunks changes nothing of them."""

    def __init__(self, length: int, hop: int, begin: AudioChunk, mark_seconds: int) -> None:
        """Begin where the first chunk does, with silence up to it if that is between two windows."""
        self.length = length
        """Samples in a window."""
        self.hop = hop
        """Samples from the start of one window to the start of the next; at most `length`."""
        self.end = begin.first_sample
        """Sample after the last one taken."""
        self._track = begin.track
        self._first = self.end // hop * hop
        self._sound = np.zeros(self.end - self._first, np.float32)
        self._minute = mark_seconds * SAMPLE_RATE
        self._begun = self._first
        self._heard = -1
        """Sample after the last one that a window held."""

    def take(self, chunk: AudioChunk) -> None:
        """Take the next samples; those that were taken before are left out."""
        self._sound = np.concatenate((self._sound, chunk.samples[max(0, self.end - chunk.first_sample) :]))
        self.end = self._first + len(self._sound)

    def complete(self) -> Iterator[Window]:
        """Yield the windows that are all here."""
        while len(self._sound) >= self.length:
            minute = self._first // self._minute > (self._first - self.hop) // self._minute
            yield self._next(self.hop, marked=minute and self._first > self._begun)

    def rest(self) -> Iterator[Window]:
        """Yield the short window that the end of the track leaves, if any of its sound is in none yet."""
        if len(self._sound) and self.end > self._heard:
            yield self._next(len(self._sound), marked=False)

    def _next(self, advance: int, *, marked: bool) -> Window:
        window = Window(self._track, self._first, advance, self._sound[: self.length].copy(), marked)
        self._heard = self._first + len(window.samples)
        self._sound = self._sound[advance:]
        self._first += advance
        return window
