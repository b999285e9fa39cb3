"""SQLite: a file for one server, that needs nothing else."""

import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.database.connections import Connections
from storage.database.driver_errors import mapped
from storage.records import DatabaseAway

OLDEST = (3, 35, 0)
"""The first version that returns what it updates."""
READERS = 4
"""Connections that read; in WAL mode they wait for nobody."""
PATIENCE_SECONDS = 30.0
"""How long a transaction waits for its turn, within this process and for others."""
PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    # With WAL, a killed process loses nothing; a power cut may lose the last transactions, but tears none.
    "PRAGMA synchronous = NORMAL",
    f"PRAGMA journal_size_limit = {64 * 2**20}",
    "PRAGMA temp_store = MEMORY",
    f"PRAGMA cache_size = -{16 * 1024}",
)
"""Source: SQLite, Pragma statements; Write-Ahead Logging."""


def open_sqlite(url: URL) -> "SqliteConnections":
    """Open the file that the address names.

    Raises:
        ValueError: it names no file.
    """
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise ValueError("A SQLite address names a file: sqlite+aiosqlite:////folder/parley.db")
    if sqlite3.sqlite_version_info < OLDEST:
        raise ValueError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or later is needed.")
    return SqliteConnections(Path(url.database).expanduser().absolute())


def _engine(file: Path, connections: int, begin: str, patience_seconds: float) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(file)),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=patience_seconds,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions when it likes
        cursor = connection.cursor()
        for pragma in (*PRAGMAS, f"PRAGMA busy_timeout = {patience_seconds * 1000:.0f}"):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _choose_wal(connection: Connection) -> None:
    connection.connection.cursor().execute("PRAGMA journal_mode = WAL")


class SqliteConnections(Connections):
    """One connection writes, others read: no transaction of this process ever finds the file locked.

    Followers are those of this process: no second server may use the file. A command line may, for moments.
    """

    dialect = "sqlite"

    def __init__(self, file: Path, patience_seconds: float = PATIENCE_SECONDS) -> None:
        readers = _engine(file, READERS, "BEGIN", patience_seconds)
        # A transaction that reads first and then writes would find itself behind, and fail: writers begin as such.
        writer = _engine(file, 1, "BEGIN IMMEDIATE", patience_seconds)
        super().__init__(f"the file {file}", readers, writer)
        self._file = file
        self._patience_seconds = patience_seconds

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that may change the schema, in WAL mode from now on."""
        with mapped(self.where):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            async with self._alone():
                async with self.writer.connect() as connection:
                    # Outside of a transaction, and not by two at once: SQLite would not wait for the other.
                    await connection.run_sync(_choose_wal)
                async with self.writer.begin() as connection:
                    yield connection

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the folder's lock, which leaves no file behind."""
        folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            await self._lock(folder)
            yield
        finally:
            os.close(folder)

    async def _lock(self, folder: int) -> None:
        with anyio.move_on_after(self._patience_seconds):
            while True:
                try:
                    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    await anyio.sleep(0.02)
                else:
                    return
        raise DatabaseAway(f"The database at {self.where} cannot be used: another process migrates it for too long.")

    async def announce(self, connection: AsyncConnection, meeting: str) -> None:
        """Do nothing: there are no other processes."""

    def announced(self, meeting: str) -> None:
        """Wake the followers."""
        self.followers.wake(meeting)

    async def tell(self, meeting: str, message: bytes) -> None:
        """Send a message to the followers."""
        self.followers.tell(meeting, message)

    async def listen(self) -> None:
        """Return: followers hear everything."""
