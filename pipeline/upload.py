"""Bytes as they arrive -> an object in the store; cut off, there is none."""

import hashlib
from collections.abc import AsyncIterator

import msgspec

from storage.store import Store


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
    size, digest = 0, hashlib.sha256()
    async with store.open_writer(key) as writer:
        async for data in body:
            size += len(data)
            if size > most:
                raise TooLarge(f"A recording may have {most / 1e9:.1f} GB at most. Send it in parts, or compress it.")
            digest.update(data)
            await writer.write(data)
        if not size:
            raise EmptyUpload("The recording has no bytes. Choose another file.")
    return Received(size, digest.hexdigest())
