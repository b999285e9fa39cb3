"""Engines of another server on the database, moved from here: two real servers, each a node of its own."""

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from storage.rows import NodeRow
from tests.api.served import Served, served
from tests.api.test_uploads import problem
from tests.cluster.cluster import REAL, Node
from tests.storage.swift_server import free_ports

pytestmark = pytest.mark.anyio

WORKER = {"node": "worker-1"}
ENGINES = "/api/admin/models"


@pytest.fixture(scope="module")
async def front(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    folder = tmp_path_factory.mktemp("front")
    more = {"database": f"sqlite+aiosqlite:///{folder}/shared.db", "roles": ("api",), "node": "front"}
    async with served(folder / "data", more=more) as started:
        yield started


@pytest.fixture(scope="module")
async def worker(front: Served, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    node = Node("worker-1", "engines", free_ports(1)[0], tmp_path_factory.mktemp("worker"), REAL)
    # A server names the place of its token to what it starts; the other one has its own.
    node.start({"PARLEY_DATABASE": front.parts.settings.database, "HF_TOKEN_PATH": ""})
    try:
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(node.answers):
                assert node.runs, (node.folder / "log").read_text()
        yield node
    finally:
        node.end()


async def engine(server: httpx.AsyncClient, key: str, **query: Any) -> dict[str, Any]:
    status = (await server.get("/api/admin/status", params=query)).json()
    found: dict[str, Any] = next(each for each in status["engines"] if each["key"] == key)
    return found


async def until(server: httpx.AsyncClient, key: str, state: str) -> dict[str, Any]:
    while (found := await engine(server, key, **WORKER))["runtime"]["state"] != state:
        assert found["runtime"]["state"] != "failed", found["runtime"]["last_error"]
        await asyncio.sleep(0.05)
    return found


async def test_an_engine_is_loaded_and_unloaded_on_another_server(front: Served, worker: Node) -> None:
    server = front.client
    status = (await server.get("/api/admin/status", params=WORKER)).json()
    assert (status["node"], [other["name"] for other in status["others"]]) == ("worker-1", ["front"])
    begun = await server.post(f"{ENGINES}/silero/load", params=WORKER, json={"pin": True})
    assert begun.status_code == 202, begun.text
    assert (await until(server, "silero", "ready"))["pinned"] is True
    assert (await engine(server, "silero", node="front"))["runtime"]["state"] == "on_disk", "ours was not moved"
    async with httpx.AsyncClient(base_url=worker.address) as there:
        assert (await engine(there, "silero"))["runtime"]["state"] == "ready"
    assert (await server.post(f"{ENGINES}/silero/unload", params=WORKER)).status_code == 202
    assert (await until(server, "silero", "on_disk"))["pinned"] is False
    lines = (await server.get("/api/admin/log", params={**WORKER, "after": 0})).json()["lines"]
    assert "silero is ready" in [line["text"] for line in lines]
    kept = await server.post("/api/admin/huggingface/token", params=WORKER, json={"token": "hf_of_the_worker"})
    assert kept.json() == {"set": True, "source": "file"}
    assert (worker.folder / "huggingface-token").is_file()
    assert not (front.parts.settings.data / "huggingface-token").exists()


async def test_what_the_other_server_refuses_is_told_as_it_says_it(front: Served, worker: Node) -> None:
    server = front.client
    absent = await server.post(f"{ENGINES}/qwan/load", params=WORKER)
    assert "No engine is called 'qwan'" in problem(absent, 404)
    lacking = await server.post(f"{ENGINES}/canary/load", params=WORKER, json={"gpu_device_ids": []})
    assert "pip install" in problem(lacking, 409)
    problem(await server.post(f"{ENGINES}/silero/load", params=WORKER, json={"gpus": [0]}), 400)
    problem(await server.post(f"{ENGINES}/sil%3Fero%23/load", params=WORKER), 400)


async def test_a_server_that_cannot_be_asked_is_told_by_name(front: Served) -> None:
    server, records = front.client, front.parts.records
    unknown = problem(await server.post(f"{ENGINES}/silero/load", params={"node": "worker-9"}), 404)
    assert unknown.startswith("No server is called 'worker-9'. There are front")
    (port,) = free_ports(1)
    for name, roles, address, status, says in (
        ("queue-1", ("jobs",), "http://127.0.0.1:1", 409, "no engines: its roles are jobs"),
        ("old-1", ("engines",), "", 409, "PARLEY_ADDRESS"),
        ("deaf-1", ("engines",), f"http://127.0.0.1:{port}", 503, "does not answer at"),
        ("odd-1", ("engines",), "nowhere", 503, "does not answer at"),
    ):
        row = NodeRow(name=name, process="p", roles=roles, queues=(), version="1", address=address)
        await records.see_node(row, first=True)
        try:
            for asked in (
                server.post(f"{ENGINES}/silero/load", params={"node": name}),
                server.get("/api/admin/status", params={"node": name}),
            ):
                assert says in problem(await asked, status)
        finally:
            await records.forget_node(name, "p")


async def test_keys_and_sign_ins_count_on_both_and_only_admins_may(front: Served, worker: Node) -> None:
    """Last of its file: from the first key on, the servers ask for one; and in the end one of them is killed."""
    made: dict[str, str] = {}
    for role in ("admin", "user"):
        headers = {"Authorization": f"Bearer {made['admin']}"} if made else {}
        answer = await front.client.post("/api/keys", json={"name": role, "role": role}, headers=headers)
        made[role] = answer.json()["key"]
    path = f"{ENGINES}/silero/unload"
    problem(await front.client.post(path, params=WORKER), 401)
    as_user = {"Authorization": f"Bearer {made['user']}"}
    problem(await front.client.post(path, params=WORKER, headers=as_user), 403)
    problem(await front.client.get("/api/admin/status", params=WORKER, headers=as_user), 403)
    as_admin = {"Authorization": f"Bearer {made['admin']}"}
    assert (await front.client.get("/api/admin/status", params=WORKER, headers=as_admin)).json()["node"] == "worker-1"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{front.port}", timeout=30) as browser:
        own = {"Sec-Fetch-Site": "same-origin"}
        await browser.post("/api/sign-in", json={"key": made["admin"]}, headers=own)
        assert (await browser.get("/api/admin/status", params=WORKER)).json()["node"] == "worker-1"
        assert (await browser.post(path, params=WORKER, headers=own)).status_code == 202
        foreign = {"Sec-Fetch-Site": "cross-site"}
        problem(await browser.post(path, params=WORKER, headers=foreign), 403)
    worker.end(signal.SIGKILL)
    away = await front.client.get("/api/admin/status", params=WORKER, headers=as_admin)
    assert "The server worker-1 does not answer at" in problem(away, 503)
