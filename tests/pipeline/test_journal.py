"""What is acknowledged is in the store; what is read back is what was added."""

import random
from pathlib import Path

import anyio
import pytest

from pipeline.journal import MERGE_PARTS, Journal, held, journal_names, read_back
from storage.artifact_store import open_store
from storage.records import Overtaken
from storage.store import Store, StoreAway

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


async def contents(store: Store, name: str = "0") -> bytes:
    return b"".join([part async for part in read_back(store, "m", name)])


async def test_nothing_is_acknowledged_before_it_is_there(store: Store) -> None:
    journal = Journal(store, "m", "0")
    journal.add(b"good ")
    journal.add(b"morning")
    assert (journal.acknowledged, journal.end) == (0, 12)
    assert await contents(store) == b""
    await journal.flush()
    assert journal.acknowledged == 12
    assert await contents(store) == b"good morning"


async def test_it_goes_on_after_a_restart_where_it_was(store: Store) -> None:
    first = Journal(store, "m", "0")
    first.add(b"good ")
    await first.flush()
    first.add(b"lost with the process")
    found = await held(store, "m", "0")
    again = Journal(store, "m", "0", found.end)
    again.add(b"morning")
    await again.flush()
    assert await contents(store) == b"good morning"


async def test_a_node_that_lost_the_meeting_covers_nothing_that_the_next_one_acknowledged(store: Store) -> None:
    late, next_one = Journal(store, "m", "0", attempt=1), Journal(store, "m", "0", attempt=2)
    next_one.add(b"good morning")
    await next_one.flush()
    late.add(b"good")
    await late.flush()
    assert await contents(store) == b"good morning"
    next_one.add(b" everybody")
    await next_one.flush()
    assert (await held(store, "m", "0")).end == 22
    assert await contents(store) == b"good morning everybody"


async def test_what_was_put_after_another_node_took_over_is_not_acknowledged(store: Store) -> None:
    newest = 1

    async def confirm() -> None:
        if newest != 1:
            raise Overtaken("Another node hears it.")

    journal = Journal(store, "m", "0", attempt=1, confirm=confirm)
    journal.add(b"good ")
    await journal.flush()
    newest = 2
    journal.add(b"morning")
    with pytest.raises(Overtaken):
        await journal.flush()
    assert journal.acknowledged == 5


async def test_small_parts_are_merged_and_a_merge_cut_short_changes_nothing(store: Store) -> None:
    journal = Journal(store, "m", "0")
    told = b""
    for number in range(MERGE_PARTS + 5):
        told += bytes([number]) * random.Random(number).randint(1, 50)
        journal.add(told[journal.end :])
        await journal.flush()
    assert await contents(store) == told
    parts = [part.key async for part in store.list("meetings/m/journal/0")]
    assert len(parts) == 6
    await store.put(f"meetings/m/journal/0/{10:014}", told[10:20])  # a part that a merge had not yet deleted
    assert await contents(store) == told
    assert (await held(store, "m", "0")).end == len(told)


async def test_while_the_store_is_away_nothing_is_acknowledged_and_nothing_lost(store: Store) -> None:
    class Away:
        """A store whose puts fail until it is back."""

        here = False

        async def put(self, key: str, data: bytes, *, create: bool = False) -> None:
            if not self.here:
                raise StoreAway("The store does not answer.")
            await store.put(key, data, create=create)

    away = Away()
    journal = Journal(away, "m", "0", room=8)  # type: ignore[arg-type]
    acknowledged: list[int] = []

    async def note(place: int) -> None:
        acknowledged.append(place)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(journal.keep, note)
        journal.add(b"0123456789")
        while journal.away is None:
            await anyio.lowlevel.checkpoint()
        assert journal.away == "The store does not answer."
        with anyio.move_on_after(0.01) as waiting:
            await journal.room()
        assert waiting.cancelled_caught
        assert acknowledged == []
        away.here = True
        while not acknowledged:
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    assert acknowledged == [10]
    assert await contents(store) == b"0123456789"


async def test_journals_have_plain_names(store: Store) -> None:
    for name in ("b", "a-1"):
        journal = Journal(store, "m", name)
        journal.add(b"x")
        await journal.flush()
    assert await journal_names(store, "m") == ("a-1", "b")
    for name in ("", "../x", "A", "a/b", "x" * 97):
        with pytest.raises(ValueError, match="cannot name a journal"):
            Journal(store, "m", name)
