"""How long work stands still when its node is killed: python -m tests.bench.takeover [--rounds 3].

2 API nodes, 2 that work, PostgreSQL, S3 and a load balancer; stages sleep. A node is killed with -9 while it works on
a meeting, until another one has begun the next attempt; and one that hears a live meeting, until its client is told of
sound that the store holds anew. The node comes back before the next round.
"""

import argparse
import asyncio
import functools
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from api.commands.live_client import LiveClient
from pipeline.nodes import DEAD_SECONDS
from tests.api.live.talk import sound
from tests.cluster.cluster import SLEEPING, Cluster, Node
from tests.cluster.findings import Findings
from tests.cluster.load import paced, wav

GOAL_SECONDS = 30.0
SOUND_SECONDS = 600.0
LOOK_SECONDS = 0.1


class Ears:
    """What the client of a live meeting hears."""

    def __init__(self) -> None:
        self.acknowledged = 0
        self.lines = 0
        self.stands = False

    def hear(self, event: dict[str, Any]) -> None:
        """Take note of an event."""
        if event["type"] == "ack":
            self.acknowledged = event["samples"]
        elif event["type"] == "line":
            self.stands = event["stands"]
            self.lines += not event["stands"]

    async def heard_more_than(self, samples: int) -> bool:
        """Return whether more than so many samples are acknowledged, on a line that stands."""
        return self.stands and self.acknowledged > samples


def main() -> int:
    """Print a line for jobs and one for live meetings; fail if one stood still for too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    slow = {"NODE_SPEED": "1"}
    with (
        tempfile.TemporaryDirectory(prefix="parley-takeover-") as folder,
        Cluster(Path(folder), program=SLEEPING, environment=slow) as cluster,
    ):
        jobs, lives = asyncio.run(_measure(cluster, rounds))
    print("| stands still, s | median | worst |\n|---|---|---|")
    for what, took in (("a job", jobs), ("a live meeting", lives)):
        print(f"| {what} | {statistics.median(took):.1f} | {max(took):.1f} |")
    return 0 if max(jobs + lives) <= GOAL_SECONDS else 1


async def _measure(cluster: Cluster, rounds: int) -> tuple[list[float], list[float]]:
    findings = Findings(cluster)
    await asyncio.sleep(DEAD_SECONDS)  # nobody is called dead before
    try:
        jobs = [await _job(cluster, findings) for _ in range(rounds)]
        lives = [await _live(cluster) for _ in range(rounds)]
    finally:
        await findings.close()
    return jobs, lives


async def _job(cluster: Cluster, findings: Findings) -> float:
    async with httpx.AsyncClient(base_url=cluster.address, timeout=60) as client:
        file = wav(sound(SOUND_SECONDS, 1))
        answer = await client.post("/api/meetings", content=file, headers={"Content-Type": "audio/wav"})
        id = answer.raise_for_status().json()["id"]
        await _until(functools.partial(_is_tried, findings, id, 1))
        begun = (await findings.records.meeting(id)).attempt
        (name,) = await findings.workers(id)
        killed = await _kill(cluster.nodes[name])
        await _until(functools.partial(_is_tried, findings, id, begun + 1))
        took = time.monotonic() - killed
        await client.delete(f"/api/meetings/{id}")
    await _again(cluster, [cluster.nodes[name]])
    return took


async def _live(cluster: Cluster) -> float:
    """Kill API nodes, one after the other, until it was the one that heard the meeting."""
    ears = Ears()
    client = LiveClient(cluster.address, None, {"title": "Takeover"}, ears.hear)
    talking = asyncio.create_task(client.run(paced(sound(SOUND_SECONDS, 2))))
    await _until(functools.partial(ears.heard_more_than, 0))
    for node in cluster.nodes.values():
        if "api" not in node.roles:
            continue
        killed = await _kill(node)
        await asyncio.sleep(1.0)
        before, is_it = ears.acknowledged, ears.lines > 0
        if is_it:
            await _until(functools.partial(ears.heard_more_than, before))
        took = time.monotonic() - killed
        await _again(cluster, [node])
        if is_it:
            break
    talking.cancel()
    await asyncio.wait([talking])
    return took


async def _is_tried(findings: Findings, meeting: str, attempt: int) -> bool:
    return (await findings.records.meeting(meeting)).attempt >= attempt


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    while True:
        if await holds():
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _kill(node: Node) -> float:
    killed = time.monotonic()
    await asyncio.to_thread(functools.partial(node.end, signal.SIGKILL))
    return killed


async def _again(cluster: Cluster, nodes: Sequence[Node]) -> None:
    for node in nodes:
        cluster.start_node(node.name)
    await asyncio.to_thread(cluster.await_answers)
    await asyncio.sleep(DEAD_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
