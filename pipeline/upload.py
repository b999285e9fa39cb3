"""Bytes as they arrive -> an object in the store; cut off, there is none."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import msgspec
from anyio import CancelScope

from storage.store import Store, Writer

TOGETHER = 1 << 20
"""Bytes that are written and hashed at once, while as many arrive."""


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
    size = 0
    async with store.open_writer(key) as writer, AsyncExitStack() as ends:
        keeping = Keeping(writer)
        ends.push_async_callback(keeping.stop)
        async for data in body:
            size += len(data)
            if size > most:
                raise TooLarge(f"A recording may have {most / 1e9:.1f} GB at most. Send it in parts, or compress it.")
            await keeping.take(data)
        if not size:
            raise EmptyUpload("The recording has no bytes. Choose another file.")
        sha256 = await keeping.told()
    return Received(size, sha256)


class Keeping:
    """Writes and hashes what came while more comes: nothing waits for anything but a batch before it."""

    def __init__(self, writer: Writer) -> None:
        self._writer, self._digest = writer, hashlib.sha256()
        self._gathered: list[bytes] = []
        self._size = 0
        self._running: asyncio.Task[None] | None = None

    async def take(self, data: bytes) -> None:
        """Take more, waiting where the batch before it is not kept yet.

        Raises:
            StoreError: the store could not take the batch before it.
        """
        self._gathered.append(data)
        self._size += len(data)
        if self._size >= TOGETHER:
            await self._start()

    async def told(self) -> str:
        """Return the SHA-256 of everything, in hex, when all of it is written."""
        await self._start()
        await self._done()
        return self._digest.hexdigest()

    async def stop(self) -> None:
        """End what is under way, if anything is; what went wrong with it does not matter any more."""
        if self._running is not None:
            self._running.cancel()
            with CancelScope(shield=True):
                await asyncio.gather(self._running, return_exceptions=True)

    async def _start(self) -> None:
        await self._done()
        blocks, self._gathered, self._size = self._gathered, [], 0
        self._running = asyncio.create_task(self._keep(blocks))

    async def _done(self) -> None:
        if self._running is not None:
            await self._running

    async def _keep(self, blocks: list[bytes]) -> None:
        hashed = asyncio.get_running_loop().run_in_executor(None, self._hash, blocks)
        for block in blocks:
            await self._writer.write(block)
        await hashed

    def _hash(self, blocks: list[bytes]) -> None:
        for block in blocks:
            self._digest.update(block)
