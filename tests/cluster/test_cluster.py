"""The whole process graph of `make up`: an upload through the balancer, a live meeting followed from another node."""

import asyncio
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect

from tests.api.live.talk import RATE, Talk, sound
from tests.cluster.cluster import ROOT
from tests.cluster.load import wav
from tests.cluster.sleeping import words_of
from tests.programs import needs_program
from tests.storage.swift_server import program

pytestmark = [
    pytest.mark.anyio,
    needs_program("haproxy", "initdb", "postgres"),
    pytest.mark.skipif(
        not program("proxy").exists(), reason="The S3 server of the tests is missing: pip install swift"
    ),
]


class Up(msgspec.Struct, frozen=True):
    """What `make up` started."""

    process: "subprocess.Popen[str]"
    address: str
    nodes: dict[str, str]
    """Name -> address."""


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # Not among the temporary folders of pytest: PostgreSQL's own user may not go there.
    with (
        tempfile.TemporaryDirectory(prefix="parley-up-") as folder,
        subprocess.Popen(
            [sys.executable, "-m", "tests.cluster", "--sleeping", "--port", str(port), "--data", folder],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        said: list[str] = []
        while not said or "Ctrl+C" not in said[-1]:
            said.append(process.stdout.readline())
            assert said[-1], "it ended before it listened"
        words = [line.split() for line in said]
        nodes = {word[0]: word[3].rstrip(",") for word in words if word[0].startswith(("api", "work"))}
        try:
            yield Up(process, words[0][-1], nodes)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(120)


async def test_what_comes_in_at_one_node_is_worked_on_at_another(up: Up) -> None:
    pcm = sound(12.0, 1)
    async with httpx.AsyncClient(timeout=60) as client:
        sent = await client.post(f"{up.address}/api/meetings", content=wav(pcm), headers={"Content-Type": "audio/wav"})
        assert sent.status_code == 202, sent.text
        id = sent.json()["id"]
        async with client.stream("GET", f"{up.nodes['api-2']}/api/meetings/{id}/events") as events:
            told = [line async for line in events.aiter_lines() if line.startswith("data")]
        assert '"type":"end"' in told[-1]
        for node in ("api-1", "api-2"):
            found = (await client.get(f"{up.nodes[node]}/api/meetings/{id}/transcript")).json()
            assert [word["text"] for line in found["utterances"] for word in line["words"]] == words_of(pcm)


async def test_a_node_does_what_its_roles_say(up: Up) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        assert (await client.get(f"{up.nodes['work-1']}/api/meetings")).status_code == 404
        assert (await client.get(f"{up.nodes['work-1']}/v1/models")).json()["data"]
        ready = (await client.get(f"{up.nodes['work-1']}/health/ready")).json()
        assert (ready["node"]["name"], ready["node"]["roles"]) == ("work-1", ["jobs", "engines"])


async def test_a_live_meeting_is_followed_from_another_node(up: Up) -> None:
    pcm = sound(3.0, 2)
    async with connect(f"{up.nodes['api-1'].replace('http', 'ws', 1)}/api/live") as socket, asyncio.timeout(120):
        talk = Talk(socket)
        ready = await talk.start(format="pcm_s16le", sample_rate=RATE)
        follow = f"{up.nodes['api-2'].replace('http', 'ws', 1)}/api/meetings/{ready['meeting']}/live?after=0"
        async with connect(follow) as watcher:
            await socket.send(pcm)
            await socket.send('{"type": "stop"}')
            seen: list[dict[str, Any]] = []
            while not seen or seen[-1]["type"] != "end":
                seen.append(msgspec.json.decode(await watcher.recv()))
    said = [word["text"] for told in seen if told["type"] == "utterance" for word in told["utterance"]["words"]]
    assert said[:3] == words_of(pcm)
    assert seen[-1]["state"] == "done"


def test_ctrl_c_ends_everything(up: Up) -> None:
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(120) == 0
    for address in (up.address, *up.nodes.values()):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/health", timeout=5)
