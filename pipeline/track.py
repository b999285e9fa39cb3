"""The samples of one microphone, channel or participant, in a file that grows at its end."""

import errno
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTH = 2
"""Bytes of a sample: little-endian int16."""


class NoRoom(OSError):
    """The disk is full."""


class Track:
    """Samples on the clock of the meeting, from its start on. What was never written reads as silence."""

    def __init__(self, path: Path, offset: int = 0, end: int | None = None) -> None:
        """Begin a track, or go back to one that ended at a known sample."""
        self.path = path
        self.offset = offset
        """Sample of the meeting at which the track begins."""
        self.end = offset if end is None else end
        """Sample after the last one that is known."""
        self.ended = end is not None
        """Whether nothing more will come."""
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC | (0 if self.ended else os.O_CREAT | os.O_TRUNC), 0o600)
        if not self.ended:
            os.ftruncate(self._file, self.end * WIDTH)

    def write(self, first: int, data: NDArray[np.float32]) -> None:
        """Put samples at or after the end.

        Raises:
            NoRoom: the disk is full.
        """
        pcm = np.clip(np.rint(data * np.float32(32768)), -32768, 32767).astype("<i2")
        left = memoryview(pcm.tobytes())
        place = first * WIDTH
        try:
            while left:
                written = os.pwrite(self._file, left, place)
                left, place = left[written:], place + written
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            advice = "No room is left for the sound of the meeting; free some space (an hour takes 115 MB)"
            raise NoRoom(error.errno, advice, str(self.path)) from error
        self.end = first + len(data)

    def read(self, first: int, last: int) -> NDArray[np.float32]:
        """Return samples that are known. Shape (last - first,), in -1..1."""
        pcm = np.frombuffer(os.pread(self._file, (last - first) * WIDTH, first * WIDTH), "<i2")
        return pcm.astype(np.float32) * np.float32(1 / 32768)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
