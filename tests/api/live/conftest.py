"""Fixtures: one server with toy stages for all tests of a file."""

from collections.abc import AsyncIterator

import pytest

from pipeline.live.limits import LiveLimits
from tests.api.live.toys import toy_live_steps
from tests.api.served import Served, served

LIMITS = LiveLimits(meetings=20, meetings_per_owner=10, stuck_seconds=1.0, largest_hole_seconds=100.0)


@pytest.fixture(scope="module")
async def s(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("live"), live=LIMITS, live_steps_of=toy_live_steps) as started:
        yield started
