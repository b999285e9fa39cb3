"""Fixtures: one server for all tests of a file."""

from collections.abc import AsyncIterator

import pytest

from pipeline.keeping import Keeping
from tests.api.served import Served, served
from tests.screen_film import Script, Stretch, film, script

LARGEST = 3_000_000
"""Bytes that an upload may have in tests."""


@pytest.fixture(scope="module")
async def s(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("served"), keeping=Keeping(largest_upload=LARGEST)) as started:
        yield started


@pytest.fixture(scope="module")
def two_slides(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film of 18 s with sound: a slide, another one, and the first one again."""
    drawn = script(5, slides=8, seconds=1.0)
    shown = [Stretch(at * 6.0, at * 6.0 + 6, at % 2, "slide", fades=False, steps=1, face=False) for at in range(3)]
    told = Script(tuple(shown), drawn.slides, drawn.inks)
    return film(tmp_path_factory.mktemp("film") / "talk.mp4", told, sound=True).read_bytes()
