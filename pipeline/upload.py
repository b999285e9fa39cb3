"""Bytes as they arrive -> an object in the store; cut off, there is none."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import msgspec

from storage.store import Store

HASHED_TOGETHER = 1 << 20
"""Bytes that are handed to the other thread at once."""


class UploadError(ValueError):
    """What was sent cannot be accepted; the sentence says why."""


class EmptyUpload(UploadError):
    """No bytes came."""


class TooLarge(UploadError):
    """More bytes came than are allowed."""


class Received(msgspec.Struct, frozen=True):
    """An object that is durable."""

    size: int
    """Bytes."""
    sha256: str
    """In hex."""


async def receive(store: Store, key: str, body: AsyncIterator[bytes], most: int) -> Received:
    """Write what arrives to the store in little memory. Whatever ends it early leaves no object and travels on.

    Raises:
        EmptyUpload: nothing came.
        TooLarge: more than `most` bytes came.
        StoreError: the store cannot take it.
    """
    size, digest = 0, Digest()
    async with store.open_writer(key) as writer:
        async for data in body:
            size += len(data)
            if size > most:
                raise TooLarge(f"A recording may have {most / 1e9:.1f} GB at most. Send it in parts, or compress it.")
            await digest.take(data)
            await writer.write(data)
        if not size:
            raise EmptyUpload("The recording has no bytes. Choose another file.")
        sha256 = await digest.told()
    return Received(size, sha256)


class Digest:
    """SHA-256 of what is taken, made in another thread meanwhile: it is half of what receiving costs."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._gathered: list[bytes] = []
        self._size = 0
        self._running: asyncio.Future[None] | None = None

    async def take(self, data: bytes) -> None:
        """Take more, waiting where the other thread is behind."""
        self._gathered.append(data)
        self._size += len(data)
        if self._size >= HASHED_TOGETHER:
            await self._start()

    async def told(self) -> str:
        """Return the digest of everything, in hex."""
        await self._start()
        await self._done()
        return self._digest.hexdigest()

    async def _start(self) -> None:
        await self._done()
        blocks, self._gathered, self._size = self._gathered, [], 0
        self._running = asyncio.get_running_loop().run_in_executor(None, self._update, blocks)

    async def _done(self) -> None:
        if self._running is not None:
            await self._running

    def _update(self, blocks: list[bytes]) -> None:
        for block in blocks:
            self._digest.update(block)
