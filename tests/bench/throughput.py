"""Meetings a minute with 1, 2 and 4 nodes that work, whose stages sleep as long as real ones take.

    python -m tests.bench.throughput [--nodes 1,2,4] [--meetings 12] [--seconds 60] [--speed 10]

Everything is uploaded before the first node works, so that the nodes are never short of work. Efficiency is the time
that perfect nodes would take over the time that these took; the overhead of a job is what it takes beyond its sleep.
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
    """From the first job that began to the last that ended."""
    asleep: float
    """Seconds that one job sleeps."""
    rounds: float
    """Jobs that each place of a node had to do, one after the other."""

    @property
    def efficiency(self) -> float:
        """Share of the time in which the places slept: the most there is."""
        return self.rounds * self.asleep / self.seconds

    @property
    def overhead(self) -> float:
        """Milliseconds of a job beyond its sleep."""
        return 1000.0 * (self.seconds / self.rounds - self.asleep)


def main() -> int:
    """Print a line for each number of nodes; fail if they get in each other's way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", default="1,2,4")
    parser.add_argument("--meetings", type=int, default=6, help="jobs for each place of each node (6)")
    parser.add_argument("--seconds", type=float, default=60.0, help="sound of each meeting (60)")
    parser.add_argument("--speed", type=float, default=10.0, help="of a sleeping stage, times real time (10)")
    chosen = parser.parse_args()
    ran = [_run(int(count), chosen.meetings, chosen.seconds, chosen.speed) for count in chosen.nodes.split(",")]
    print("| nodes | jobs/min | of the sleep, busy | scaling | overhead of a job, ms |")
    print("|---|---|---|---|---|")
    first = ran[0]
    scaling = []
    for one in ran:
        jobs = one.rounds * one.nodes * TOGETHER
        scaling.append((jobs / one.seconds) / (first.rounds * first.nodes * TOGETHER / first.seconds) / one.nodes)
        print(
            f"| {one.nodes} | {60 * jobs / one.seconds:.0f} | {one.efficiency:.2f} "
            f"| {scaling[-1]:.2f} | {one.overhead:.0f} |"
        )
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
    await _until(findings, lambda rows: any(row.attempt for row in rows))
    began = time.monotonic()
    await _until(findings, lambda rows: not rows)
    took = time.monotonic() - began
    await findings.close()
    return Ran(nodes=nodes, seconds=took, asleep=asleep, rounds=float(rounds))


async def _until(findings: Findings, holds: Callable[[Sequence[MeetingRow]], bool]) -> None:
    while True:
        if holds(await findings.records.unfinished()):
            return
        await asyncio.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
