"""Connections to a database: transactions that read, transactions that write, and one that migrates."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.database.driver_errors import mapped
from storage.database.followers import Followers

LONGEST_CALL_SECONDS = 45.0
"""Longer than any database is waited for."""


class Connections(ABC):
    """Gives out connections, each for one transaction; what goes wrong in it is an error of `storage.records`."""

    dialect: str
    """Name of the database's kind: sqlite or postgresql."""

    def __init__(self, where: str, reader: AsyncEngine, writer: AsyncEngine) -> None:
        self.where = where
        """The place, for messages; without a password."""
        self.reader = reader
        """For transactions that only read."""
        self.writer = writer
        """For transactions that write."""
        self.followers = Followers()
        """Who follows meetings in this process."""
        self.under_way: set[asyncio.Task[Any]] = set()
        """Calls that have not ended."""

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads."""
        with mapped(self.where):
            async with self.reader.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that writes: it ends as a whole, or with an exception not at all."""
        with mapped(self.where):
            async with self.writer.begin() as connection:
                yield connection

    @abstractmethod
    def migrating(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a transaction that may change the schema; of all processes, one has it at a time."""

    @abstractmethod
    async def announce(self, connection: AsyncConnection, meeting: str) -> None:
        """Within the transaction that adds events: let followers in other processes know once it is committed."""

    @abstractmethod
    def announced(self, meeting: str) -> None:
        """After the transaction that added events: let followers in this process know, if they do not yet."""

    @abstractmethod
    async def tell(self, meeting: str, message: bytes) -> None:
        """Send a message to the followers in all processes."""

    @abstractmethod
    async def listen(self) -> None:
        """Return once the followers of this process hear of what others add.

        Raises:
            DatabaseAway: they would not.
        """

    async def close(self) -> None:
        """Give the connections back when all calls have ended, or should have."""
        if self.under_way:
            await asyncio.wait(self.under_way, timeout=LONGEST_CALL_SECONDS)
        with mapped(self.where):
            await self.reader.dispose()
            if self.writer is not self.reader:
                await self.writer.dispose()
