"""Fixtures: one server for all tests of a file."""

from collections.abc import AsyncIterator

import pytest

from pipeline.keeping import Keeping
from tests.api.served import Served, served

LARGEST = 3_000_000
"""Bytes that an upload may have in tests."""


@pytest.fixture(scope="module")
async def s(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("served"), keeping=Keeping(largest_upload=LARGEST)) as started:
        yield started
