"""The sound of a track, chunk by chunk -> all its samples at once, mapped from a file and not held in memory."""

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.engine_errors import EngineError
from stages.speech import AudioChunk

WIDTH = 4
"""Bytes of a sample: float32, as networks want it."""


class WholeTrack:
    """Samples in a file without a name, which is gone with this process at the latest, however that ends.

    Its pages belong to the page cache: the system lets go of them when memory is short, and takes them up again.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Make the file in a folder on a disk; None means the system's for temporary files, which may be memory."""
        self._file: Any = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  # close() closes it
        self._end = 0

    def take(self, chunk: AudioChunk) -> None:
        """Keep a chunk.

        Raises:
            EngineError: the disk is full.
        """
        sound = np.clip(np.nan_to_num(chunk.samples, posinf=1, neginf=-1), -1, 1).astype(np.float32, copy=False)
        left, place = memoryview(sound.tobytes()), chunk.first_sample * WIDTH
        try:
            while left:
                written = os.pwrite(self._file.fileno(), left, place)
                left, place = left[written:], place + written
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise EngineError(
                "The disk has no room for the sound as the diarizer wants it, 230 MB an hour and track: free some "
                "space in the data folder, then find the speakers again."
            ) from error
        self._end = max(self._end, chunk.first_sample + len(sound))

    def samples(self) -> NDArray[np.float32]:
        """Return the track from the start of the meeting, silence in its holes. Shape (n,)."""
        if not self._end:
            return np.zeros(0, np.float32)
        return np.memmap(self._file, np.float32, "r+", shape=(self._end,))

    def close(self) -> None:
        """Let go of the file; it is gone when nobody has its samples any more."""
        self._file.close()
