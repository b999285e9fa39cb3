"""Servers tell the database that they live, by the database's clock."""

import pytest

from storage.database.database import Database
from storage.rows import NodeRow

pytestmark = pytest.mark.anyio


def node(name: str = "a", process: str = "1", **more: object) -> NodeRow:
    row = {"roles": ("api", "jobs"), "queues": ("recognise",), "version": "v1", **more}
    return NodeRow(name=name, process=process, **row)  # type: ignore[arg-type]


async def test_who_lives_is_seen(records: Database) -> None:
    assert await records.see_node(node(), first=True)
    assert await records.see_node(node("b", state="draining"), first=True)
    found = await records.nodes()
    assert [(row.name, row.state, row.roles) for row in found] == [
        ("a", "working", ("api", "jobs")),
        ("b", "draining", ("api", "jobs")),
    ]
    assert all(0 <= row.age < 20 for row in found)


async def test_a_later_process_takes_the_name(records: Database) -> None:
    assert await records.see_node(node(), first=True)
    assert await records.see_node(node(process="2"), first=True)
    assert not await records.see_node(node()), "the earlier process learns that it lost its name"
    await records.forget_node("a", "1")
    assert [row.process for row in await records.nodes()] == ["2"]
    await records.forget_node("a", "2")
    assert await records.nodes() == []
    assert await records.see_node(node(process="2")), "a row that was swept away comes back with the next beat"
