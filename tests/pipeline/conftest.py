"""A real PostgreSQL for the tests of a module."""

from collections.abc import Iterator

import pytest

from tests.storage.postgres_server import PostgresServer


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server of its own: tests kill it."""
    started = PostgresServer()
    try:
        started.start()
        yield started
    finally:
        started.stop()
