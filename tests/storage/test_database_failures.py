"""The database away, full, locked, damaged or cut off: a clear error, and then it works again."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text

from storage.database.database import Database, open_database
from storage.database.sqlite import SqliteConnections
from storage.records import DatabaseAway, RecordError
from storage.rows import StageRow
from tests.storage.postgres_server import PostgresServer
from tests.storage.record_rows import a_meeting, said

pytestmark = pytest.mark.anyio


@pytest.fixture
def running(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """Return the server, which may be killed: it runs again after the test."""
    yield postgres
    postgres.start()


async def test_postgresql_killed_and_started_again(running: PostgresServer, postgres_url: str) -> None:
    database = open_database(postgres_url)
    await database.add_meeting(a_meeting())
    await database.add_events("m1", [("word", b"1")])
    running.kill()
    for asked in (database.check(), database.meeting("m1"), database.add_events("m1", [("word", b"2")])):
        with pytest.raises(DatabaseAway, match=r"^The database at postgresql.* Check that it runs\.$"):
            await asked
    running.start()
    await database.check()
    assert await database.add_events("m1", [("word", b"2")]) == [2]
    await database.close()


async def test_a_transaction_that_the_server_left_writes_nothing(running: PostgresServer, postgres_url: str) -> None:
    database = open_database(postgres_url)
    await database.add_meeting(a_meeting())

    async def change() -> None:
        async with database.connections.writing() as connection:
            await connection.execute(text("UPDATE meetings SET title = 'half'"))
            running.kill()

    with pytest.raises(DatabaseAway):
        await change()
    running.start()
    assert (await database.meeting("m1")).title == "Meeting m1"
    await database.close()


async def test_followers_survive_the_server(running: PostgresServer, postgres_url: str) -> None:
    database, other = open_database(postgres_url), open_database(postgres_url)
    await database.add_meeting(a_meeting())
    async with database.follow("m1") as changes:
        running.kill()
        with pytest.raises(DatabaseAway):
            async with other.follow("m1"):
                pass  # pragma: no cover
        running.start()
        with anyio.fail_after(20):
            assert await anext(changes) is None  # it is to read again: it may have missed something
            await other.tell("m1", b"back")
            while (change := await anext(changes)) != b"back":
                assert change is None
        async with other.follow("m1"):
            pass
    await database.close()
    await other.close()


async def test_followers_hear_that_the_database_was_closed(postgres_url: str) -> None:
    database = open_database(postgres_url)
    async with database.follow("m1") as changes:
        await database.close()
        with pytest.raises(DatabaseAway, match="not listened to"):
            await anext(changes)


async def test_one_connection_listens_for_all_followers(postgres: PostgresServer, postgres_url: str) -> None:
    database = open_database(postgres_url)
    listeners = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    async with (
        database.follow("m1"),
        database.follow("m1"),
        database.follow("m2"),
        database.connections.reading() as connection,
    ):
        assert await connection.scalar(text(listeners)) == 1
    await database.close()


async def test_nobody_is_let_in_without_a_database() -> None:
    database = open_database("postgresql+psycopg://ann:secret@127.0.0.1:1/parley")
    with pytest.raises(DatabaseAway) as raised:
        await database.migrate()
    assert "secret" not in str(raised.value)
    await database.close()


async def test_a_lock_is_not_waited_for_without_end(postgres_url: str) -> None:
    holder, waiter = open_database(postgres_url), open_database(f"{postgres_url}&options=-c%20lock_timeout%3D100ms")
    await holder.add_meeting(a_meeting())
    async with holder.connections.writing() as connection:
        await connection.execute(text("SELECT * FROM meetings FOR UPDATE"))
        with pytest.raises(DatabaseAway, match="Try again"):
            await waiter.next_attempt("m1")
    assert await waiter.next_attempt("m1") == 1
    await holder.close()
    await waiter.close()


def sqlite_file(url: str) -> Path:
    return Path(url.removeprefix("sqlite+aiosqlite:///"))


async def test_sqlite_held_by_another_process(sqlite_url: str) -> None:
    database = Database(SqliteConnections(sqlite_file(sqlite_url), patience_seconds=0.1))
    await database.add_meeting(a_meeting())
    other = sqlite3.connect(sqlite_file(sqlite_url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseAway, match="another process"):
        await database.next_attempt("m1")
    assert (await database.meeting("m1")).attempt == 0
    other.execute("ROLLBACK")
    other.close()
    assert await database.next_attempt("m1") == 1
    await database.close()


async def test_sqlite_on_a_full_disk(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    await database.add_meeting(a_meeting())

    async def allow(pages: int) -> None:
        async with database.connections.writing() as connection:
            await connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    await allow(1)
    with pytest.raises(DatabaseAway, match="disk is full"):
        await database.index("m1", said("x" * 200_000))
    assert (await database.meeting("m1")).id == "m1"
    await allow(100_000)
    await database.index("m1", said("x" * 200_000))
    await database.close()


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "parley.db").write_bytes(b"Dear diary, " * 1000)
    database = open_database(f"sqlite:///{tmp_path}/parley.db")
    with pytest.raises(RecordError, match="damaged, or is none"):
        await database.migrate()
    await database.close()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    database = open_database(f"sqlite:///{tmp_path}/file/parley.db")
    with pytest.raises(DatabaseAway):
        await database.migrate()
    await database.close()


@pytest.mark.parametrize(
    "url", ["", "parley.db", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory"]
)
def test_an_address_that_leads_nowhere(url: str) -> None:
    with pytest.raises(ValueError, match=r"SQLite address|no address|no database of the kind"):
        open_database(url)


async def test_who_gives_up_waiting_holds_up_nobody(records: Database) -> None:
    """Cancelled at any moment, a call leaves no connection behind and no half of its work."""
    await records.add_meeting(a_meeting())
    attempt = await records.next_attempt("m1")
    for number in range(60):
        with anyio.move_on_after(number * 0.0004):
            await records.add_events("m1", [("word", b"{}")] * 3)
            await records.set_stages("m1", attempt, [StageRow(name=str(number))])
            await records.meeting("m1")
    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            for _ in range(30):
                tasks.start_soon(records.add_events, "m1", [("word", b"{}")] * 3)
                tasks.start_soon(records.meeting, "m1")
    numbers = [event.number for event in await records.events("m1", limit=10_000)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) % 3 == 0


async def test_a_server_that_hangs_is_not_waited_for(postgres_url: str) -> None:
    holder = open_database(postgres_url)
    database = Database(open_database(postgres_url).connections, check_seconds=0.1)
    async with holder.connections.writing() as connection:
        await connection.execute(text("LOCK TABLE meetings"))
        with pytest.raises(DatabaseAway, match="did not answer"):
            await database.check()
    await database.close()
    await holder.close()
