"""Streams -> inbox: where a stage reads, items of other stages or its own place in the sound."""

from collections.abc import AsyncGenerator, Mapping

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from stages.speech import AudioChunk, Mark, Span


class Mailbox:
    """An inbox of items that other stages send; skips what the stage had finished in an earlier run."""

    def __init__(self, stream: MemoryObjectReceiveStream[Span], until: Mapping[str, float], *, live: bool) -> None:
        self.live = live
        self._stream, self._until = stream, until

    async def receive(self) -> Span:
        """Return the next item, waiting for it."""
        while True:
            item = await self._stream.receive()
            if not self._finished(item):
                return item

    def receive_nowait(self) -> Span:
        """Return an item that is already here."""
        while True:
            item = self._stream.receive_nowait()
            if not self._finished(item):
                return item

    async def aclose(self) -> None:
        """Let senders know that nobody reads any more."""
        self._stream.close()

    def _finished(self, item: Span) -> bool:
        until = self._until.get(item.track, 0.0)
        return item.end <= until if isinstance(item, Mark) else item.start < until


class Cursor:
    """An inbox of sound: this reader's own place in the recording."""

    def __init__(self, chunks: AsyncGenerator[AudioChunk, None], *, live: bool) -> None:
        self.live = live
        self._chunks = chunks

    async def receive(self) -> AudioChunk:
        """Return the next chunk, waiting for it."""
        try:
            return await anext(self._chunks)
        except StopAsyncIteration:
            raise anyio.EndOfStream from None

    def receive_nowait(self) -> AudioChunk:
        """Raise `anyio.WouldBlock`: a reader of sound does not gather chunks."""
        raise anyio.WouldBlock

    async def aclose(self) -> None:
        """Give the place in the recording back."""
        await self._chunks.aclose()
