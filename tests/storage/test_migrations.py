"""The schema: made once, by whoever comes first, and what the tables say."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.types import TypeEngine

from storage.database import tables
from storage.database.database import Database, open_database
from storage.records import NewerSchema, RecordError
from tests.storage.record_rows import a_meeting

pytestmark = pytest.mark.anyio

ROUNDS = 4
START = """
import asyncio, sys
from storage.database.database import open_database
async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    for url in sys.argv[1:]:
        database = open_database(url)
        await database.migrate()
        await database.check()
        await database.close()
asyncio.run(main())
"""


async def test_it_may_run_again(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    with pytest.raises(RecordError):
        await database.check()
    await database.migrate()
    await database.add_meeting(a_meeting())
    await database.migrate()
    assert await database.meeting("m1") == a_meeting()
    await database.close()


async def test_the_tables_are_what_the_code_says(records: Database) -> None:
    async with records.connections.reading() as connection:
        assert await connection.run_sync(differences) == []


def differences(connection: Connection) -> list[Any]:
    """Return what a migration to the tables of the code would do; FTS5 keeps its own, which the code does not know."""

    def is_compared(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
        return connection.dialect.name != "sqlite" or "_words" not in str(name)

    def is_other(context: object, found: object, column: object, kind: TypeEngine[Any], code: TypeEngine[Any]) -> bool:
        dialect = connection.dialect
        wanted = code.compile(dialect), code.dialect_impl(dialect).compile(dialect).replace("VARCHAR", "TEXT")
        return kind.compile(dialect) not in wanted

    options = {"compare_type": is_other, "include_object": is_compared}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata))


async def test_a_newer_schema_is_left_alone(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await database.migrate()
    async with database.connections.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match=r"newer version \(9999\)"):
        await database.migrate()
    await database.close()


async def test_a_migration_that_is_cut_off_leaves_nothing(empty_database_url: str) -> None:
    database = open_database(empty_database_url)

    async def migrate_badly() -> None:
        async with database.connections.migrating() as connection:
            await connection.execute(text("CREATE TABLE meetings (id TEXT)"))
            await connection.execute(text("CREATE TABLE meetings (id TEXT)"))

    with pytest.raises(RecordError, match="refused"):
        await migrate_badly()
    await database.migrate()
    await database.add_meeting(a_meeting())
    await database.close()


def test_two_processes_that_start_together_migrate_once(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("postgres")
    names = [server.new_database() for _ in range(ROUNDS)]
    urls = [f"sqlite:///{tmp_path}/{number}/parley.db" for number in range(ROUNDS)] + [
        server.url(name) for name in names
    ]
    command = [sys.executable, "-W", "ignore", "-c", START, *urls]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")


async def test_many_in_one_process_migrate_once(empty_database_url: str) -> None:
    databases = [open_database(empty_database_url) for _ in range(8)]
    async with anyio.create_task_group() as tasks:
        for database in databases:
            tasks.start_soon(database.migrate)
    await databases[-1].add_meeting(a_meeting())
    assert await databases[0].meeting("m1") == a_meeting()
    for database in databases:
        await database.close()
