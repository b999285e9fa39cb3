"""Samples in memory -> a `Sound`, as stages read it."""

from collections.abc import AsyncGenerator, Mapping

import anyio.lowlevel
import numpy as np
from numpy.typing import NDArray

from stages.speech import AudioChunk, seconds


class HeldSound:
    """A whole recording in memory, which remembers what was asked of it."""

    folder = None

    def __init__(self, tracks: Mapping[str, NDArray[np.float32]], *, live: bool = False) -> None:
        self.live = live
        self.tracks = tracks
        self.asked: list[tuple[str, int, int]] = []
        """Track, first and last sample of each reading."""

    @property
    def duration(self) -> float:
        """Seconds of sound on the longest track."""
        return seconds(max((sound.size for sound in self.tracks.values()), default=0))

    async def read(self, track: str, first: int, last: int) -> NDArray[np.float32]:
        """Return the samples first..last of a track; fewer at its end."""
        await anyio.lowlevel.checkpoint()
        self.asked.append((track, first, last))
        return self.tracks[track][first:last]

    async def chunks(self, first: Mapping[str, int], size: int) -> AsyncGenerator[AudioChunk, None]:
        """Yield every track in turn, in chunks of `size` samples."""
        for track, sound in self.tracks.items():
            for at in range(first.get(track, 0), len(sound), size):
                await anyio.lowlevel.checkpoint()
                part = sound[at : at + size]
                yield AudioChunk(start=seconds(at), end=seconds(at + len(part)), track=track, samples=part)
