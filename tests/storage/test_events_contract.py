"""What every database does with events: numbers without holes, and followers that hear of them."""

import itertools
from collections.abc import AsyncIterator

import anyio
import pytest

from storage.database.database import Database, open_database
from storage.database.followers import BACKLOG, Follower
from storage.records import DatabaseAway
from storage.rows import EventRow
from tests.storage.record_rows import a_meeting

pytestmark = pytest.mark.anyio


async def test_events_come_back_in_order(records: Database) -> None:
    await records.add_meeting(a_meeting())
    assert await records.add_events("m1", [("stage", b'{"a":1}'), ("utterance", "é".encode())]) == [1, 2]
    assert await records.add_events("m1", []) == []
    assert await records.add_events("m1", [("end", b"\x00\xff")]) == [3]
    rows = [EventRow(1, "stage", b'{"a":1}'), EventRow(2, "utterance", "é".encode()), EventRow(3, "end", b"\x00\xff")]
    assert await records.events("m1") == rows
    assert await records.events("m1", after=1, limit=1) == rows[1:2]
    for after in (3, 2**63 - 1, 2**200):
        assert await records.events("m1", after=after) == []
    assert await records.events("m1", after=-(2**200)) == rows


async def test_numbers_have_no_holes_whoever_writes(database_url: str) -> None:
    """Two servers write at once; some are told that what they add belongs to no meeting."""
    servers = open_database(database_url), open_database(database_url)
    await servers[0].add_meeting(a_meeting())
    numbers: list[int] = []

    async def add(records: Database, count: int) -> None:
        added = await records.add_events("m1", [("word", b"{}")] * count)
        assert added == list(range(added[0], added[0] + count))
        numbers.extend(added)

    async with anyio.create_task_group() as tasks:
        for number in range(30):
            tasks.start_soon(add, servers[number % 2], 1 + number % 3)
    assert sorted(numbers) == list(range(1, 61))
    assert [event.number for event in await servers[0].events("m1")] == list(range(1, 61))
    for server in servers:
        await server.close()


async def until(changes: AsyncIterator[bytes | None], last: bytes) -> list[bytes | None]:
    """Return what a follower is told, up to this message."""
    told: list[bytes | None] = []
    with anyio.fail_after(10):
        async for change in changes:
            if change == last:
                break
            told.append(change)
    return told


async def test_a_follower_hears_of_its_meeting_alone(records: Database) -> None:
    for id in ("m1", "m2"):
        await records.add_meeting(a_meeting(id))
    async with records.follow("m1") as changes:
        await records.add_events("m2", [("word", b"{}")])
        await records.tell("m2", b"not for you")
        await records.tell("m1", b'{"text":"h\xc3\xa9\\nllo \xf0\x9f\x8e\x89"}\n\nmore')
        await records.add_events("m1", [("word", b"{}")])
        await records.tell("m1", b"last")
        assert await until(changes, b"last") == [b'{"text":"h\xc3\xa9\\nllo \xf0\x9f\x8e\x89"}\n\nmore', None]


async def test_a_follower_is_woken_once_for_many_events(records: Database) -> None:
    await records.add_meeting(a_meeting())
    async with records.follow("m1") as changes:
        for _ in range(20):
            await records.add_events("m1", [("word", b"{}")])
        await records.tell("m1", b"last")
        with anyio.fail_after(10):
            while await anext(changes) is not None:
                pass  # pragma: no cover - None comes first
        assert await records.events("m1") != []
        assert (await until(changes, b"last")).count(None) < 20


async def test_who_does_not_follow_any_more_costs_nothing(records: Database) -> None:
    async with records.follow("m1"), records.follow("m1"), records.follow("m2"):
        pass
    assert records.connections.followers._by_meeting == {}


@pytest.mark.parametrize("size", [7000, 100_000])
async def test_a_message_has_a_size(records: Database, size: int) -> None:
    with pytest.raises(ValueError, match="7000"):
        await records.tell("m1", b"x" * size)
    async with records.follow("m1") as changes:
        await records.tell("m1", b"x" * 6999)
        assert await until(changes, b"x" * 6999) == []


async def test_ten_thousand_events_reach_a_slow_reader(records: Database) -> None:
    """The reader asks for them when it can; nobody waits for it, and nothing piles up."""
    await records.add_meeting(a_meeting())
    read = 0
    async with records.follow("m1") as changes:
        for _ in range(20):
            await records.add_events("m1", [("word", b'{"text":"word"}')] * 500)
            await records.tell("m1", b"hypothesis")
        await records.tell("m1", b"last")
        with anyio.fail_after(20):
            async for change in changes:
                while change is None and (rows := await records.events("m1", after=read, limit=100)):
                    assert [row.number for row in rows] == list(range(read + 1, read + 101))
                    read += 100
                if change == b"last":
                    break
    assert read == 10_000


async def test_a_slow_follower_loses_messages_but_no_news_of_events() -> None:
    follower = Follower()
    for number in range(3 * BACKLOG):
        follower.tell(b"%d" % number)
        if number % 7 == 0:
            follower.wake()
            follower.wake()
    follower.wake()
    follower.fail("Gone.")
    changes = aiter(follower)
    told = [await anext(changes) for _ in range(BACKLOG)]
    with pytest.raises(DatabaseAway, match="Gone"):
        await anext(changes)
    assert told[0] is None or told[1] is None or told.count(None) > BACKLOG // 10
    assert told[-2:] == [b"%d" % (3 * BACKLOG - 1), None]
    assert all(pair != (None, None) for pair in itertools.pairwise(told))


async def test_events_that_are_the_oldest_news_outlive_many_messages() -> None:
    follower = Follower()
    follower.wake()
    for number in range(5 * BACKLOG):
        follower.tell(b"%d" % number)
    assert await anext(aiter(follower)) is None
