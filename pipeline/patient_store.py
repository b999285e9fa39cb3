"""A store that is away for a while -> one that only takes its time."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

from pipeline.patience import LIVE, Patience
from storage.store import Stat, Store, Writer


class PatientStore:
    """A store whose whole-object calls wait until it is back; streams and writers are the store's own.

    For live meetings: what they make waits, while they go on hearing.
    """

    def __init__(self, store: Store, patience: Patience | None = None) -> None:
        self._store, self._patience = store, patience or LIVE

    async def put(self, key: str, data: bytes, *, create: bool = False) -> None:
        """Store the bytes, however long that takes."""
        await self._patience.until_done(lambda: self._store.put(key, data, create=create))

    async def get(self, key: str) -> bytes:
        """Return all bytes, however long that takes."""
        return await self._patience.until_done(lambda: self._store.get(key))

    async def get_range(self, key: str, start: int, end: int) -> bytes:
        """Return some bytes, however long that takes."""
        return await self._patience.until_done(lambda: self._store.get_range(key, start, end))

    async def stat(self, key: str) -> Stat:
        """Return what is known of an object, however long that takes."""
        return await self._patience.until_done(lambda: self._store.stat(key))

    async def delete(self, key: str) -> None:
        """Remove an object, however long that takes."""
        await self._patience.until_done(lambda: self._store.delete(key))

    async def delete_all(self, prefix: str) -> None:
        """Remove everything below a prefix, however long that takes."""
        await self._patience.until_done(lambda: self._store.delete_all(prefix))

    async def list(self, prefix: str = "") -> AsyncIterator[Stat]:
        """Yield what lies below a prefix; it is gathered first, so that a second try gives nothing twice."""

        async def gathered() -> list[Stat]:
            return [found async for found in self._store.list(prefix)]

        for found in await self._patience.until_done(gathered):
            yield found

    def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield bytes, as the store does."""
        return self._store.stream(key, start, end)

    def open_writer(self, key: str) -> AbstractAsyncContextManager[Writer]:
        """Write an object of unknown length, as the store does."""
        return self._store.open_writer(key)

    async def tidy(self, abandoned_seconds: float = 3600.0) -> int:
        """Remove what dead writers left, as the store does."""
        return await self._store.tidy(abandoned_seconds)

    async def check(self) -> str:
        """Say where the store is, or that it is away."""
        return await self._store.check()
