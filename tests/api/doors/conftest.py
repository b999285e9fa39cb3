"""Fixtures: a server without keys, and what tests build theirs on."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from storage.database.database import open_database
from tests.api.doors.house import House, house


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database that others are copied from."""
    file = tmp_path_factory.mktemp("doors") / "parley.db"
    anyio.run(_migrate, file)
    return file


async def _migrate(file: Path) -> None:
    records = open_database(f"sqlite:///{file}")
    await records.migrate()
    await records.close()


@pytest.fixture
def folder(tmp_path: Path, migrated: Path) -> Path:
    """Return a folder with an empty database."""
    shutil.copy(migrated, tmp_path)
    return tmp_path


@pytest.fixture
async def open_house(folder: Path) -> AsyncIterator[House]:
    """No keys yet: whoever uses this machine is its admin."""
    async with house(folder) as found:
        yield found
