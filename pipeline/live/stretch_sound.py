"""A stretch of a recording as a sound of its own, and what is to be done of it as an inbox."""

from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Generic, TypeVar

import anyio
import numpy as np
from numpy.typing import NDArray

from pipeline.recording import Recording
from stages.speech import AudioChunk, Span, seconds

Item = TypeVar("Item", bound=Span)


class StretchSound:
    """What lies between two samples of a track; times stay those of the recording."""

    live = False

    def __init__(self, recording: Recording, track: str, first: int, last: int) -> None:
        self._recording, self._track, self._first, self._last = recording, track, first, last

    @property
    def duration(self) -> float:
        """Where the stretch ends, in seconds of the recording."""
        return seconds(self._last)

    @property
    def folder(self) -> Path:
        """Where the recording lies."""
        return self._recording.folder

    async def read(self, track: str, first: int, last: int) -> NDArray[np.float32]:
        """Return the samples first..last, as far as the stretch reaches."""
        return await self._recording.read(track, first, min(last, self._last))

    async def chunks(self, first: dict[str, int], size: int) -> AsyncGenerator[AudioChunk, None]:
        """Yield the stretch from its first sample on."""
        at = max(self._first, first.get(self._track, 0))
        while at < self._last:
            end = min(at + size, self._last)
            samples = await self._recording.read(self._track, at, end)
            yield AudioChunk(start=seconds(at), end=seconds(end), track=self._track, samples=samples)
            at = end


class Given(Generic[Item]):
    """An inbox of items that are all there."""

    live = False

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = iter(items)

    async def receive(self) -> Item:
        """Return the next item. Raises `anyio.EndOfStream` at the end."""
        return self.receive_nowait()

    def receive_nowait(self) -> Item:
        """Return the next item. Raises `anyio.EndOfStream` at the end."""
        for item in self._items:
            return item
        raise anyio.EndOfStream
