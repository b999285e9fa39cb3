"""Fixtures: real S3 and PostgreSQL servers for the session, a bucket and databases of its own for each test."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from psycopg import sql

from storage.database.database import Database, open_database
from storage.s3_place import S3Place
from tests.programs import program as debian_program
from tests.storage.postgres_server import PostgresServer
from tests.storage.swift_server import ACCESS_KEY, SECRET_KEY, SwiftServer, program


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwiftServer]:
    if not program("proxy").exists():
        pytest.skip("The S3 server of the tests is missing: pip install swift, or make test.")
    folder: Path = tmp_path_factory.mktemp("swift")
    server = SwiftServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def s3_url(swift: SwiftServer) -> str:
    """Return the address of a bucket that does not exist yet."""
    return f"s3://parley-{uuid4().hex[:12]}/some/prefix?endpoint={swift.endpoint}"


@pytest.fixture
def s3_place(s3_url: str) -> S3Place:
    return S3Place.parse(s3_url, ACCESS_KEY, SECRET_KEY)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    for name in ("initdb", "postgres"):
        debian_program(name)
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """Return the name of a database with tables."""
    name = postgres.new_database()
    anyio.run(_migrate, postgres.url(name))
    return name


async def _migrate(url: str) -> None:
    database = open_database(url)
    await database.migrate()
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/data/parley.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as name:
        yield server.url(name)


@pytest.fixture
def postgres_url(postgres: PostgresServer, migrated_postgres: str) -> str:
    """Return the address of a PostgreSQL database with empty tables: always the same, to make one takes long."""
    for table in ("meetings", "utterances", "keys", "settings", "usage", "nodes"):
        postgres.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)), migrated_postgres)
    return postgres.url(migrated_postgres)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that others are copied from."""
    file = tmp_path_factory.mktemp("sqlite") / "parley.db"
    anyio.run(_migrate, f"sqlite+aiosqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """Return the address of a SQLite database with tables."""
    file = shutil.copy(migrated_sqlite, tmp_path / "parley.db")
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a database with tables."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
async def records(database_url: str) -> AsyncIterator[Database]:
    """Return an open database with empty tables: each of the two kinds."""
    database = open_database(database_url)
    yield database
    await database.close()
