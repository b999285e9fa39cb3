"""A server that is told to stop: it takes nothing more, says so, and ends what it has begun."""

import signal
from pathlib import Path

import httpx
import pytest

from storage.database.database import open_database
from tests.api.live.talk import sound
from tests.cluster.cluster import SLEEPING, Node
from tests.cluster.load import wav
from tests.storage.swift_server import free_ports

pytestmark = pytest.mark.anyio

SECONDS = 12.0
"""Of sound; the stages sleep for a quarter of that."""


async def test_it_drains(tmp_path: Path) -> None:
    node = Node("only", "api,engines,jobs", free_ports(1)[0], tmp_path / "data", SLEEPING)
    node.start({"NODE_SPEED": "4"})
    try:
        async with httpx.AsyncClient(base_url=node.address, timeout=60) as client:
            while not await answers(client):
                assert node.runs
            sent = await client.post(
                "/api/meetings", content=wav(sound(SECONDS)), headers={"Content-Type": "audio/wav"}
            )
            id = sent.json()["id"]
            async with client.stream("GET", f"/api/meetings/{id}/events") as events:
                async for line in events.aiter_lines():
                    if '"running"' in line:
                        break
            assert (await client.get("/health/ready")).json()["node"]["state"] == "working"
            node.send(signal.SIGTERM)
            while (ready := await client.get("/health/ready")).json()["node"]["state"] == "working":
                assert node.runs
            assert ready.status_code == 503
            assert ready.json()["node"]["state"] == "draining"
    finally:
        node.end()
    assert node.process is not None
    assert node.process.returncode == 0, (node.folder / "log").read_text()
    records = open_database(f"sqlite:///{node.folder / 'parley.db'}")
    row = await records.meeting(id)
    assert (row.state, row.attempt) == ("done", 3), "its job ended, without a second attempt"
    assert await records.nodes() == [], "it said good-bye"
    await records.close()


async def answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health")).is_success
    except httpx.TransportError:
        return False
