"""Slides read by a scripted model that sees, over real HTTP: several at once, and for so long and no longer."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest

from pipeline.attempts import Fenced, take_over
from pipeline.captions import Captions
from pipeline.gateway.providers import Provider
from pipeline.gateway.switchboard import Switchboard
from pipeline.slides import Slide, keep_live, keep_picture, slides, unread
from pipeline.summary_settings import SummarySettings
from stages.speech import Keyframe
from storage.artifact_store import open_store
from storage.store import Store
from tests.pipeline.seer import Seer
from tests.pipeline.writing import NoUsage

pytestmark = pytest.mark.anyio
MEETING = "m"


async def shown(lengths: Sequence[float]) -> Store:
    """Return a store with a meeting that showed a slide for each of so many seconds."""
    store = open_store("memory:")
    start = 0.0
    for number, length in enumerate(lengths):
        image = await keep_picture(store, MEETING, start, f"Slide {number}".encode())
        await keep_live(store, MEETING, Keyframe(start=start, end=start + length, image=image))
        start += length
    await take_over(store, MEETING, 1)
    return store


@asynccontextmanager
async def captions(store: Store, *providers: Provider, **house: float) -> AsyncIterator[Captions]:
    board = Switchboard(list(providers), {}, NoUsage())
    async with board.running():
        yield Captions(store, board, msgspec.convert(house, SummarySettings))


async def read(made: Captions, attempt: int = 1) -> list[Slide]:
    told: list[Slide] = []

    async def tell(slide: Slide) -> None:
        told.append(slide)

    await made.make(MEETING, attempt, [], tell)
    return told


async def test_slides_are_read_at_once_and_told_as_they_come() -> None:
    store, seer = await shown([5.0] * 8), Seer(seconds=0.1)
    async with seer.running() as provider, captions(store, provider, together=4) as made:
        told = await read(made)
        assert not await read(made), "each is read once"
    assert seer.most_open == 4 and len(seer.seen) == 8
    assert sorted(told, key=lambda slide: slide.start) == list(await slides(store, MEETING))
    first = min(told, key=lambda slide: slide.start)
    assert (first.title, first.text, first.model) == ("Slide 0", "It shows Slide 0.", "seer")
    assert await unread(store, MEETING) is None


async def test_a_summary_waits_so_long_and_no_longer() -> None:
    store, seer = await shown([1.0, 2.0, 9.0, 3.0, 8.0, 4.0]), Seer(seconds=0.4)
    async with seer.running() as provider, captions(store, provider, together=2, slides_seconds=0.6) as made:
        began = time.monotonic()
        told = await read(made)
        assert time.monotonic() - began < 1.5
        assert {slide.end - slide.start for slide in told} == {9.0, 8.0}, "those on view longest first"
        note = await unread(store, MEETING)
        assert note and note.startswith("4 slides were not read: seer needed more than 0.6 s.")
        seer.seconds = 0.0
        assert len(await read(made)) == 4, "the next run reads the rest"
        assert await unread(store, MEETING) is None


async def test_nobody_waits_where_no_model_sees() -> None:
    store, texts = await shown([5.0] * 3), Seer(seconds=30.0)
    async with texts.running() as provider:
        writes = msgspec.structs.replace(provider, model_type="text-generation")
        for providers, house in (((), {}), ((writes,), {}), ((provider,), {"slides_seconds": 0.0})):
            async with captions(store, *providers, **house) as made:
                began = time.monotonic()
                assert not await read(made)
                assert time.monotonic() - began < 0.5
    assert not texts.seen and await unread(store, MEETING) is None


async def test_a_model_that_goes_away_costs_the_other_slides_their_captions() -> None:
    store, seer = await shown([5.0] * 6), Seer()
    seer.status = 503
    async with seer.running() as provider, captions(store, provider, together=1) as made:
        assert not await read(made)
    note = await unread(store, MEETING)
    assert note and note.startswith("6 slides were not read: ")


async def test_an_answer_of_no_use_costs_its_slide_alone() -> None:
    store, seer = await shown([5.0] * 3), Seer()
    good = seer.says
    seer.says = lambda picture: "I see nothing." if picture == b"Slide 1" else good(picture)
    async with seer.running() as provider, captions(store, provider) as made:
        assert {slide.title for slide in await read(made)} == {"Slide 0", "Slide 2"}
    note = await unread(store, MEETING)
    assert note and note.startswith("One slide was not read: ")


async def test_an_attempt_that_was_taken_over_keeps_nothing() -> None:
    store, seer = await shown([5.0] * 3), Seer()
    await take_over(store, MEETING, 2)
    async with seer.running() as provider, captions(store, provider) as made:
        with pytest.raises(Fenced):
            await read(made)
    assert [slide.title for slide in await slides(store, MEETING)] == [None] * 3
