"""The database as a whole: `open_database(url)`."""

import asyncio
from collections.abc import Callable

from sqlalchemy import make_url, select
from sqlalchemy.exc import ArgumentError

from storage.database import tables
from storage.database.connections import Connections
from storage.database.doors import Doors
from storage.database.dump import Dump
from storage.database.events import Events
from storage.database.meetings import Meetings
from storage.database.migrate import migrate
from storage.database.nodes import Nodes
from storage.database.overlays import Corrections
from storage.database.part import whole
from storage.database.postgres import open_postgres
from storage.database.search import Search
from storage.database.settings import Settings
from storage.database.sqlite import open_sqlite
from storage.database.usage import Usage
from storage.records import DatabaseAway

CHECK_SECONDS = 5.0
"""How soon a database answers that is there."""
KINDS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""What an address may begin with, and the driver it means."""


def open_database(url: str, password: Callable[[], str | None] | None = None) -> "Database":
    """Open the database at `sqlite+aiosqlite:////folder/parley.db` or `postgresql+psycopg://user:password@host/name`.

    Nothing is read or written before the first call. `password` returns that of PostgreSQL as it is now, and is asked
    for each new connection.

    Raises:
        ValueError: there is no such kind of database, or the address names no file.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ValueError("This is no address of a database.") from error
    kind = KINDS.get(address.drivername)
    if kind is None:
        raise ValueError(f"There is no database of the kind {address.drivername!r}; name {' or '.join(KINDS)}.")
    address = address.set(drivername=kind)
    return Database(open_sqlite(address) if kind.startswith("sqlite") else open_postgres(address, password))


class Database(Meetings, Events, Corrections, Search, Doors, Settings, Usage, Nodes, Dump):
    """Keeps all records, as `storage.records.Records` promises."""

    def __init__(self, connections: Connections, *, check_seconds: float = CHECK_SECONDS) -> None:
        super().__init__(connections)
        self._check_seconds = check_seconds

    @whole
    async def migrate(self) -> None:
        """Bring the schema up to date."""
        await migrate(self.connections)

    async def check(self) -> None:
        """Return if the database answers soon."""
        try:
            async with asyncio.timeout(self._check_seconds):
                await self._check()
        except TimeoutError as error:
            where = self.connections.where
            raise DatabaseAway(f"The database at {where} did not answer for {self._check_seconds} s.") from error

    @whole
    async def _check(self) -> None:
        async with self.connections.reading() as connection:
            await connection.execute(select(tables.meetings.c.place).limit(1))

    async def close(self) -> None:
        """Give the connections back."""
        await self.connections.close()
