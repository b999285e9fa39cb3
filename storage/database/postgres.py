"""PostgreSQL: one database for several servers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.database.connections import Connections
from storage.database.driver_errors import mapped
from storage.database.listener import CHANNEL, Listener, written
from storage.records import RecordError

POOL = 5
"""Connections that are kept open. One more listens; a server of PostgreSQL allows 100 to all nodes together."""
OVERFLOW = 10
"""Connections beside them when many ask at once."""
POOL_PATIENCE_SECONDS = 10.0
"""How long a transaction waits for a connection."""
MIGRATION_LOCK = 0x7061726C6579
"""Key of the advisory lock that a migration holds: "parley"."""
SESSION = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "TimeZone": "UTC",
    # Compiling costs more than any of our queries.
    "jit": "off",
    # How to search depends on how frequent the words are: a plan for any words would be a bad one.
    "plan_cache_mode": "force_custom_plan",
}
"""Source: PostgreSQL 15, sections 20.7 and 20.11."""
CONNECT = {
    "connect_timeout": 5,
    "application_name": "parley",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Finds out within half a minute that the server is gone. Source: PostgreSQL 15, section 34.1.2."""


Password = Callable[[], str | None]
"""Returns the password as it is now."""


def open_postgres(url: URL, password: Password | None = None) -> "PostgresConnections":
    """Prepare connections to the database that the address names; the first is made when it is needed."""
    return PostgresConnections(url, password or (lambda: url.password))


def threads_engine(url: str, password: Password | None = None, *, pool: int = POOL) -> Engine | None:
    """Return connections for threads, which find out when the server is gone; None for another kind of database."""
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return None
    address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address, connect_args=CONNECT, pool_size=pool, max_overflow=pool, pool_pre_ping=True)
    ask_password(engine, password or (lambda: address.password))
    return engine


def ask_password(engine: Engine, password: Password) -> None:
    """Let an engine ask for the password whenever it connects: one that was rotated costs no restart."""

    @event.listens_for(engine, "do_connect")
    def told(_dialect: object, _record: object, _args: object, parameters: dict[str, Any]) -> None:
        if (known := password()) is not None:
            parameters["password"] = known


class PostgresConnections(Connections):
    """A pool of connections; one that the server lost is found out and replaced before it is used."""

    dialect = "postgresql"

    def __init__(self, url: URL, password: Password) -> None:
        # What the address asks for comes last, and holds.
        options = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
        connect = {**CONNECT, **url.query, "options": f"{options} {url.query.get('options', '')}"}
        engine = create_async_engine(
            url,
            connect_args=connect,
            pool_size=POOL,
            max_overflow=OVERFLOW,
            pool_timeout=POOL_PATIENCE_SECONDS,
            pool_pre_ping=True,
            pool_use_lifo=True,
            pool_recycle=1800,
        )
        ask_password(engine.sync_engine, password)
        super().__init__(url.render_as_string(hide_password=True), engine, engine)
        _, parameters = engine.dialect.create_connect_args(url)
        self._listener = Listener({**parameters, **connect}, self.where, self.followers, password)

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that may change the schema, under a lock that ends with it."""
        with mapped(self.where):
            async with self.writer.begin() as connection:
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
                await connection.execute(text("SET LOCAL lock_timeout = 0"))
                encoding = await connection.scalar(text("SHOW server_encoding"))
                if encoding != "UTF8":
                    raise RecordError(f"The database at {self.where} stores {encoding}: create one that stores UTF8.")
                await connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
                yield connection

    async def announce(self, connection: AsyncConnection, meeting: str) -> None:
        """Notify all processes when the transaction is committed."""
        await connection.execute(select(func.pg_notify(CHANNEL, written(meeting, None))))

    def announced(self, meeting: str) -> None:
        """Do nothing: this process is notified like all others."""

    async def tell(self, meeting: str, message: bytes) -> None:
        """Notify all processes."""
        async with self.writing() as connection:
            await connection.execute(select(func.pg_notify(CHANNEL, written(meeting, message))))

    async def listen(self) -> None:
        """Return once this process is notified."""
        await self._listener.listening()

    async def close(self) -> None:
        """Give the connections back."""
        await self._listener.close()
        await super().close()
