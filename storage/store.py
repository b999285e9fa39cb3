"""The seam to whatever keeps bytes: keys, what a store can do, and what can go wrong.

    StoreError                  the store could not do it
    ├── NotStored               nothing lies under the key, or not any more (also a KeyError)
    ├── AlreadyStored           something lies there, and it was to be created
    ├── StoreAway               it cannot be reached or does not let us in: says what to do (also a ConnectionError)
    ├── StoreFull               there is no room left; what was stored before is intact
    └── BadKey                  no store would take this key (also a ValueError)

Errors of foreign packages are mapped in `storage/foreign_errors.py`.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

import msgspec

LONGEST_KEY = 900
"""Bytes of UTF-8. S3 takes 1,024, of which the prefix of the bucket may need some."""
LONGEST_PART = 200
"""Bytes of UTF-8 between two slashes. File systems take 255, of which names of half-written files need some."""
REFUSED = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\\"#%*<>?\[\]^`{|}~]')
"""Control characters, halves of characters, and what some store or shell reads as more than a letter."""


class StoreError(Exception):
    """The store could not do it."""


class NotStored(StoreError, KeyError):
    """Nothing lies under the key, or not any more."""

    def __str__(self) -> str:
        """The sentence, which KeyError would put in quotes."""
        return str(self.args[0])


class AlreadyStored(StoreError):
    """Something lies under the key, and it was to be created."""


class StoreAway(StoreError, ConnectionError):
    """The store cannot be reached, or does not let us in."""


class StoreFull(StoreError):
    """There is no room left; what was stored before is intact."""


class BadKey(StoreError, ValueError):
    """No store would take this key."""


class Stat(msgspec.Struct, frozen=True):
    """What a store knows of an object without reading it."""

    key: str
    """Where it lies."""
    size: int
    """Bytes."""
    modified: datetime
    """When it was written, with its time zone."""
    etag: str | None
    """Changes with the content; None where the store has none."""


class Writer(Protocol):
    """An object that is being written: nobody sees it before its block ends well."""

    async def write(self, data: bytes) -> None:
        """Take more of it, waiting while two parts are on their way."""


class Store(Protocol):
    """Keeps bytes under keys: relative POSIX paths whose parts are neither empty nor dots.

    What is put is there as a whole or not at all, for every reader. A key is never also the folder of other keys.
    """

    async def put(self, key: str, data: bytes, *, create: bool = False) -> None:
        """Store the bytes, in place of what lay there.

        Raises:
            AlreadyStored: `create` was asked for and something lies there. Of several who create, one succeeds;
                when a bucket answered too late, it may be this very put.
        """

    async def get(self, key: str) -> bytes:
        """Return all bytes.

        Raises:
            NotStored: nothing lies there.
        """

    async def get_range(self, key: str, start: int, end: int) -> bytes:
        """Return the bytes start..end, fewer where the object ends before.

        Raises:
            NotStored: nothing lies there.
        """

    def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes start..end, or to the end of the object, in blocks, as fast as they are taken.

        Raises:
            NotStored: nothing lies there, or it was replaced while it was read.
        """

    def open_writer(self, key: str) -> AbstractAsyncContextManager[Writer]:
        """Write an object of unknown length in little memory; leaving with an exception leaves no object."""

    async def stat(self, key: str) -> Stat:
        """Return what is known of the object.

        Raises:
            NotStored: nothing lies there.
        """

    def list(self, prefix: str = "") -> AsyncIterator[Stat]:
        """Yield what lies below the prefix (whole parts of a key), in no order that holds for all stores."""

    async def delete(self, key: str) -> None:
        """Remove the object; that nothing lies there is no error."""

    async def delete_all(self, prefix: str) -> None:
        """Remove everything below the prefix (whole parts of a key), and half-written objects with it."""

    async def tidy(self, abandoned_seconds: float = 3600.0) -> int:
        """Remove what writers that died left unseen and did not touch for so long. Return how many were removed."""

    async def check(self) -> str:
        """Write, read and delete a small object. Return a sentence on where the store is.

        Raises:
            StoreAway: it cannot be reached or written, with what to do.
        """


def checked(key: str) -> str:
    """Return the key if every store takes it.

    Raises:
        BadKey: it is empty, too long, leaves its folder, or has characters that stores do not agree on.
    """
    if not key or len(key.encode(errors="replace")) > LONGEST_KEY:
        raise BadKey(
            f"A key has 1 to {LONGEST_KEY} bytes, this one has {len(key.encode(errors='replace'))}: {key[:60]!r}"
        )
    if REFUSED.search(key):
        raise BadKey(f"The key {key!r} has a character that stores do not agree on.")
    for part in key.split("/"):
        if part in ("", ".", "..") or part != part.strip() or len(part.encode()) > LONGEST_PART:
            raise BadKey(
                f"The key {key[:200]!r} has the part {part[:60]!r}: empty, dots, spaces around it, or too long."
            )
    return key
