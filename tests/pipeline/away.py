"""A store and a database that can go away for a while, and count what they are asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from storage.artifact_store import ArtifactStore, PartWriter, open_store
from storage.records import DatabaseAway
from storage.store import StoreAway


class Outage(ArtifactStore):
    """A store that is away while `away` is set."""

    def __init__(self, url: str) -> None:
        plain = open_store(url)
        super().__init__(plain._store, plain.where, plain._root)
        self.away = False
        self.refused = 0

    def _answer(self) -> None:
        if self.away:
            self.refused += 1
            raise StoreAway("The store is away.")

    async def put(self, key: str, data: bytes, *, create: bool = False) -> None:
        self._answer()
        await super().put(key, data, create=create)

    async def get(self, key: str) -> bytes:
        self._answer()
        return await super().get(key)

    async def stat(self, key: str) -> Any:
        self._answer()
        return await super().stat(key)

    @asynccontextmanager
    async def open_writer(self, key: str) -> AsyncIterator[PartWriter]:
        self._answer()
        async with super().open_writer(key) as writer:
            yield writer


class Absent:
    """The database of a server, which is away while `away` is set."""

    def __init__(self, records: Any) -> None:
        self._records = records
        self.away = False
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        called = getattr(self._records, name)
        if name in ("follow", "close", "migrate"):
            return called

        async def answer(*args: Any, **kwargs: Any) -> Any:
            if self.away:
                self.refused += 1
                raise DatabaseAway("The database is away.")
            return await called(*args, **kwargs)

        return answer
