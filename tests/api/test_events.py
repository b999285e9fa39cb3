"""Events over HTTP: numbered, taken up again, read slowly, left."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime

import anyio
import anyio.lowlevel
import httpx
import pytest

from api.routes.events import HEARTBEAT, told
from pipeline.events import end_event, event
from storage.rows import EventRow, MeetingRow
from tests.api.served import Served
from tests.api.test_uploads import problem

pytestmark = pytest.mark.anyio


async def events(answer: httpx.Response) -> list[dict[str, object]]:
    """Return the JSON of all events, and check that each id is its number."""
    found, last = [], None
    async for line in answer.aiter_lines():
        if line.startswith("id: "):
            last = int(line[4:])
        elif line.startswith("data: "):
            found.append(json.loads(line[6:]))
            assert found[-1].get("seq") == last
            last = None
    return found


async def follow(s: Served, id: str, **headers: str) -> list[dict[str, object]]:
    async with s.client.stream("GET", f"/api/meetings/{id}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        return await events(answer)


async def live(s: Served, id: str) -> str:
    """Add a meeting to which things happen only as a test says."""
    row = MeetingRow(
        id=id, owner="local", title=id, state="live", created_at=datetime.now(UTC), source="websocket", stages=()
    )
    await s.parts.records.add_meeting(row)
    return id


async def over(s: Served, id: str) -> None:
    await s.parts.records.change_meeting(id, {"state": "done"})
    await s.parts.records.add_events(id, [end_event(1, "done")])


async def test_events_tell_the_whole_story_and_go_on_where_the_client_was(s: Served) -> None:
    answer = await s.client.post("/api/meetings/sample")
    id = answer.json()["id"]
    everything = await follow(s, id)
    numbered = [each for each in everything if "seq" in each]
    assert [each["seq"] for each in numbered] == list(range(1, len(numbered) + 1))
    assert numbered[-1]["type"] == "end"
    assert {"stage", "utterance", "summary"} <= {each["type"] for each in numbered}
    assert await follow(s, id, **{"Last-Event-ID": "4"}) == numbered[4:]
    assert (await s.client.get(f"/api/meetings/{id}/events?after={len(numbered)}")).status_code == 204
    bad = await s.client.get(f"/api/meetings/{id}/events", headers={"Last-Event-ID": "9" * 40})
    assert "Last-Event-ID" in problem(bad, 400)
    assert "after" in problem(await s.client.get(f"/api/meetings/{id}/events?after=-1"), 400)


async def test_a_slow_reader_gets_everything_and_holds_up_nobody(s: Served) -> None:
    id = await live(s, "slow")
    for first in range(0, 10_000, 1000):
        await s.parts.records.add_events(
            id, [event("utterance", text=f"{n} " + "x" * 1000) for n in range(first, first + 1000)]
        )
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131_072)
    slow.connect(("127.0.0.1", s.port))
    slow.sendall(f"GET /api/meetings/{id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    await over(s, id)
    with anyio.fail_after(10):
        assert len(await follow(s, id)) == 10_001
    assert (await s.client.get("/health")).status_code == 200
    slow.setblocking(False)
    blocks = [b""]
    while b'"type":"end"' not in b"".join(blocks[-2:]):
        blocks.append(await asyncio.get_running_loop().sock_recv(slow, 262_144))
    slow.close()
    numbers = [int(line[4:]) for line in b"".join(blocks).split(b"\n") if line.startswith(b"id: ")]
    assert numbers == list(range(1, 10_002))


async def test_a_client_that_leaves_leaves_nothing_running(s: Served) -> None:
    id = await live(s, "left")
    await s.parts.records.add_events(id, [event("utterance", text="first")])
    before = len(asyncio.all_tasks())
    async with s.client.stream("GET", f"/api/meetings/{id}/events") as answer:
        assert b"first" in await anext(answer.aiter_bytes())
        assert len(asyncio.all_tasks()) > before
    with anyio.fail_after(10):
        while len(asyncio.all_tasks()) > before:
            await anyio.lowlevel.checkpoint()
    await s.client.delete(f"/api/meetings/{id}?purge=true")


async def silence(seen: list[str]) -> AsyncIterator[EventRow]:
    try:
        yield EventRow(1, "utterance", b'{"type":"utterance"}')
        yield EventRow(0, "progress", b'{"type":"progress"}')
        await asyncio.Event().wait()
    finally:
        seen.append("closed")


async def test_a_silent_line_is_kept_alive_until_the_server_stops() -> None:
    closing, seen = asyncio.Event(), list[str]()
    async with aclosing(told(silence(seen), closing, heartbeat_seconds=0.01)) as blocks:  # type: ignore[arg-type]
        assert await anext(blocks) == b'id: 1\ndata: {"seq":1,"type":"utterance"}\n\n'
        assert await anext(blocks) == b'data: {"type":"progress"}\n\n'
        assert await anext(blocks) == HEARTBEAT
        closing.set()
        assert await anext(blocks, None) is None
    assert seen == ["closed"]
