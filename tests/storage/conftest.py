"""Fixtures: a real S3 server for the session, and a bucket of its own for each test."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from storage.s3_place import S3Place
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
