"""Mixed load for an hour, and whether memory, descriptors or tasks grow: python -m tests.bench.soak [--minutes 60].

Uploads, live meetings, followers and readers on a cluster whose stages sleep. Fails if, after a quarter of the time,
the memory of a node grows by 1 MB in 10 minutes or more, or its descriptors or threads grow at all.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx
import msgspec
import numpy as np

from tests.cluster.cluster import SLEEPING, Cluster, Node
from tests.cluster.findings import Findings
from tests.cluster.load import Load

LOOK_SECONDS = 10.0
STILL_SECONDS = 120.0
"""On no machine does it take so long until one more of the meetings that are left has come to its end."""
WARM = 0.25
"""Share of the time in which caches fill."""
MOST_MB = 1.0
"""Growth of memory in 10 minutes."""
MOST_DESCRIPTORS = 5.0
"""Growth of open descriptors, or threads, from the second quarter to the last: connections come and go."""


class Look(msgspec.Struct, frozen=True):
    """What a process holds at a moment."""

    at: float
    megabytes: float
    descriptors: int
    threads: int


def main() -> int:
    """Print a line for each node."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    minutes = parser.parse_args().minutes
    with (
        tempfile.TemporaryDirectory(prefix="parley-soak-") as folder,
        Cluster(Path(folder), program=SLEEPING) as cluster,
    ):
        return asyncio.run(_measure(cluster, minutes * 60.0))


async def _measure(cluster: Cluster, seconds: float) -> int:
    load, findings = Load(cluster.address, 1), Findings(cluster)
    looks: dict[str, list[Look]] = {name: [] for name in cluster.nodes}
    looking = asyncio.create_task(_look(cluster, looks))
    reading = asyncio.create_task(_read(cluster, load))
    await load.run(seconds)
    await findings.settled(STILL_SECONDS)
    for task in (looking, reading):
        task.cancel()
    await findings.look(load)
    await findings.close()
    print(f"{findings.meetings} meetings, {findings.seconds} s of sound, {load.refused} uploads refused")
    wrong = [*findings.wrong, *(fault for name in looks for fault in _judged(name, looks[name]))]
    print("\n".join([f"{len(wrong)} faults", *wrong]) if wrong else "No growth.")
    return 1 if wrong else 0


async def _look(cluster: Cluster, looks: dict[str, list[Look]]) -> None:
    while True:
        for name, node in cluster.nodes.items():
            looks[name].append(_held(node, asyncio.get_running_loop().time()))
        await asyncio.sleep(LOOK_SECONDS)


async def _read(cluster: Cluster, load: Load) -> None:
    """Look at lists and transcripts, as pages do."""
    async with httpx.AsyncClient(base_url=cluster.address, timeout=30) as client:
        while True:
            paths = ["/api/meetings", "/health/ready", "/api/search?q=w1"]
            paths += [f"/api/meetings/{upload.id}/transcript?format=srt" for upload in load.uploads[-1:]]
            for path in paths:
                with contextlib.suppress(httpx.HTTPError):
                    await client.get(path)
            await asyncio.sleep(1.0)


def _held(node: Node, now: float) -> Look:
    assert node.process is not None
    process = Path(f"/proc/{node.process.pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    memory = int(status["VmRSS"].split()[0]) / 1024
    return Look(now, memory, len(list((process / "fd").iterdir())), int(status["Threads"]))


def _judged(name: str, looks: Sequence[Look]) -> list[str]:
    warm = looks[int(len(looks) * WARM) :]
    times = np.array([look.at for look in warm])
    slope = float(np.polyfit(times, [look.megabytes for look in warm], 1)[0]) * 600.0
    early, late = warm[: max(1, len(warm) // 3)], warm[-max(1, len(warm) // 3) :]
    more = {
        what: float(np.mean([getattr(look, what) for look in late]) - np.mean([getattr(look, what) for look in early]))
        for what in ("descriptors", "threads")
    }
    last = looks[-1]
    print(
        f"{name}: {last.megabytes:.0f} MB, {slope:+.2f} MB in 10 minutes; "
        f"{last.descriptors} descriptors ({more['descriptors']:+.1f}), {last.threads} threads ({more['threads']:+.1f})"
    )
    wrong = [f"{name}: memory grows by {slope:.1f} MB in 10 minutes"] if slope >= MOST_MB else []
    return wrong + [f"{name}: {what} grow by {count:.1f}" for what, count in more.items() if count > MOST_DESCRIPTORS]


if __name__ == "__main__":
    sys.exit(main())
