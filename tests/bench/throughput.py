"""Meetings a minute with 1, 2 and 4 nodes that work, whose stages sleep as long as real ones take.

    python -m tests.bench.throughput [--nodes 1,2,4] [--meetings 3] [--seconds 300] [--speed 10]

Everything is uploaded before the first node works, so that the nodes are never short of work. What counts is the time
from when all places of all nodes are busy until the last job begins: each that began meanwhile began where another had
left its place. The overhead of a job is what its place is busy beyond its sleep: the queue, all reading, writing, and
the vectors of what was said. The last column is how long it takes then until all has ended, beyond one job's sleep.
The machine must have processors to spare: with shorter meetings it is the processor that is measured.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import msgspec

from storage.rows import MeetingRow
from tests.api.live.talk import sound
from tests.cluster.cluster import SLEEPING, Cluster, Shape
from tests.cluster.findings import Findings
from tests.cluster.load import wav

GOAL = 0.9
LOOK_SECONDS = 0.1
TOGETHER = 2
"""Meetings that a node works on at once."""


class Ran(msgspec.Struct, frozen=True):
    """One number of nodes."""

    nodes: int
    seconds: float
    """In which all places were busy."""
    asleep: float
    """Seconds that one job sleeps."""
    begun: int
    """Jobs that began meanwhile, each in the place of one that left it."""
    rest: float
    """Seconds until all had ended."""

    @property
    def rate(self) -> float:
        """Jobs a second."""
        return self.begun / self.seconds

    @property
    def busy(self) -> float:
        """Seconds that a job keeps its place."""
        return self.nodes * TOGETHER / self.rate


def main() -> int:
    """Print a line for each number of nodes; fail if they get in each other's way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", default="1,2,4")
    parser.add_argument("--meetings", type=int, default=3, help="jobs for each place of each node (3)")
    parser.add_argument("--seconds", type=float, default=300.0, help="sound of each meeting (300)")
    parser.add_argument("--speed", type=float, default=10.0, help="of a sleeping stage, times real time (10)")
    chosen = parser.parse_args()
    ran = [_run(int(count), chosen.meetings, chosen.seconds, chosen.speed) for count in chosen.nodes.split(",")]
    print("| nodes | jobs/min | scaling | overhead of a job, ms | end after the last, s |")
    print("|---|---|---|---|---|")
    scaling = [one.rate / ran[0].rate * ran[0].nodes / one.nodes for one in ran]
    for one, scaled in zip(ran, scaling, strict=True):
        overhead, end = 1000 * (one.busy - one.asleep), one.rest - one.asleep
        print(f"| {one.nodes} | {60 * one.rate:.1f} | {scaled:.2f} | {overhead:.0f} | {end:.1f} |")
    return 0 if min(scaling) >= GOAL else 1


def _run(nodes: int, rounds: int, seconds: float, speed: float) -> Ran:
    with tempfile.TemporaryDirectory(prefix="parley-throughput-") as folder:
        shape = Shape(api=1, work=nodes, together=TOGETHER)
        with Cluster(Path(folder), shape, program=SLEEPING, environment={"NODE_SPEED": str(speed)}) as cluster:
            return asyncio.run(_measure(cluster, nodes, rounds, seconds, seconds / speed))


async def _measure(cluster: Cluster, nodes: int, rounds: int, seconds: float, asleep: float) -> Ran:
    workers = [node for node in cluster.nodes.values() if "jobs" in node.roles]
    for node in workers:
        await asyncio.to_thread(node.end)
    findings = Findings(cluster)
    file = wav(sound(seconds, 1))
    async with httpx.AsyncClient(base_url=cluster.address, timeout=60) as client:
        for _ in range(rounds * nodes * TOGETHER):
            answer = await client.post("/api/meetings", content=file, headers={"Content-Type": "audio/wav"})
            answer.raise_for_status()
    for node in workers:
        cluster.start_node(node.name)
    places = nodes * TOGETHER
    began = await _when(findings, lambda rows: sum(row.attempt > 0 for row in rows) >= places)
    last = await _when(findings, lambda rows: all(row.attempt for row in rows))
    ended = await _when(findings, lambda rows: not rows)
    await findings.close()
    return Ran(nodes=nodes, seconds=last - began, asleep=asleep, begun=(rounds - 1) * places, rest=ended - last)


async def _when(findings: Findings, holds: Callable[[Sequence[MeetingRow]], bool]) -> float:
    """Wait until something holds for what is not done yet. Return when that is, in seconds."""
    while True:
        if holds(await findings.records.unfinished()):
            return time.monotonic()
        await asyncio.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
