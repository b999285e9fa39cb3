"""Usage adds up by day, key and model, whoever adds."""

from datetime import date

import anyio
import pytest

from storage.database.database import Database, open_database
from storage.rows import UsageRow

pytestmark = pytest.mark.anyio

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def used(key: str = "k1", day: date = MONDAY, model: str = "tiny", **counted: float) -> UsageRow:
    counters = {"requests": 1, "prompt_tokens": 10, "completion_tokens": 5, "cost": 0.25, **counted}
    return UsageRow(day=day, key=key, owner="ann" if key == "k1" else "bob", model=model, **counters)  # type: ignore[arg-type]


async def test_what_is_added_adds_up(records: Database) -> None:
    await records.add_usage([used(), used(model="Qwen/Qwen3-VL")])
    await records.add_usage([used(failures=1), used("k2")])
    await records.add_usage([])
    found = await records.usage(MONDAY, MONDAY)
    assert found == [
        used(model="Qwen/Qwen3-VL"),
        used(requests=2, failures=1, prompt_tokens=20, completion_tokens=10, cost=0.5),
        used("k2"),
    ]


async def test_days_and_owners_are_apart(records: Database) -> None:
    await records.add_usage([used(), used(day=TUESDAY), used("k2", day=TUESDAY)])
    assert await records.usage(MONDAY, TUESDAY) == [used(day=TUESDAY), used("k2", day=TUESDAY), used()]
    assert await records.usage(TUESDAY, TUESDAY, "bob") == [used("k2", day=TUESDAY)]
    assert await records.usage(MONDAY, TUESDAY, "nobody") == []


async def test_two_servers_add_at_once(database_url: str) -> None:
    servers = open_database(database_url), open_database(database_url)
    rows = [used(key, model=model) for key in ("k1", "k2") for model in ("a", "b", "c")]
    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(servers[number % 2].add_usage, rows if number % 4 < 2 else rows[::-1])
    assert [row.requests for row in await servers[0].usage(MONDAY, MONDAY)] == [20] * 6
    for server in servers:
        await server.close()
