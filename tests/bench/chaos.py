"""A cluster whose processes are killed while uploads and live meetings flow, and what is there of them in the end.

    python -m tests.bench.chaos [--minutes 10] [--seed 1] [--data DIR]

2 API nodes, 2 nodes with jobs and engines, PostgreSQL, a real S3 server and a load balancer, each a process of its own.
The stages sleep as long as real ones work; everything else is as users run it. Fails if anything acknowledged or
accepted is not there as one complete meeting, or if readers saw anything but progress.
"""

import argparse
import asyncio
import contextlib
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from tests.cluster.cluster import SLEEPING, Cluster
from tests.cluster.findings import SAY_SECONDS, Findings, Watcher
from tests.cluster.harm import Blow, Harm
from tests.cluster.load import Load
from tests.cluster.where import say_where

CALM_SECONDS = 5.0
"""Load before the first blow."""
END_SECONDS = 180.0
"""So long after the last blow, every client of a live meeting has heard of its end."""
STILL_SECONDS = 120.0
"""On no machine does it take so long until one more of the meetings that are left has come to its end."""
COMES_BACK = 30.0
"""So long after it was started, a node works on a slow machine, and knows who lives."""
LIMIT_SECONDS = 30.0
"""So soon the jobs of a dead node are taken over."""


def main() -> int:
    """Do harm, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="folder that is kept; otherwise one that is not")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # nothing is left of its processes then, either
    if chosen.data is not None:
        return _in(chosen.data, chosen.minutes, chosen.seed)
    with tempfile.TemporaryDirectory(prefix="parley-chaos-") as folder:
        return _in(Path(folder), chosen.minutes, chosen.seed)


def _in(folder: Path, minutes: float, seed: int) -> int:
    with Cluster(folder, program=SLEEPING) as cluster:
        return asyncio.run(_measure(cluster, minutes, seed))


async def _measure(cluster: Cluster, minutes: float, seed: int) -> int:
    load, harm, findings = Load(cluster.address, seed), Harm(cluster, seed), Findings(cluster)
    watcher = Watcher(findings.store, findings.records)
    watching = asyncio.create_task(watcher.run())
    began = time.monotonic()
    flowing = asyncio.create_task(load.run(minutes * 60.0))
    await asyncio.sleep(CALM_SECONDS)
    await harm.run(minutes * 60.0 - CALM_SECONDS)
    ended = time.monotonic()
    print(f"No more blows after {ended - began:.0f} s; now everything has to come to its end.", flush=True)
    findings.wrong += await _clients(flowing, load, findings, cluster)
    after = await findings.settled(STILL_SECONDS)
    watching.cancel()
    await findings.look(load)
    await findings.close()
    print(f"Injected in {time.monotonic() - began:.0f} s, seed {seed}: {_listed(harm.counted())}")
    print(f"Nodes that ended by themselves and were started again: {harm.restarts}")
    lost = sum(live.lines for live in load.lives)
    acknowledged = sum(live.acknowledged for live in load.lives) / 16_000
    print(f"Uploads: {len(load.uploads)} accepted, {load.refused} refused")
    print(f"Live: {len(load.lives)} meetings, {acknowledged:.0f} s acknowledged, {lost} connections lost")
    print(f"There: {findings.meetings} meetings, {findings.seconds} s of sound, {findings.attempts} attempts")
    print(f"Readers looked {watcher.looks} times at a meeting; all was done {after:.0f} s after the last client")
    delays = list(takeovers(cluster, harm))
    if delays:
        print(f"Taken over: {len(delays)} dead nodes, after {max(delays):.0f} s at most")
    late = [f"{delay:.0f} s until a dead node's jobs were taken over" for delay in delays if delay > LIMIT_SECONDS]
    wrong = [*findings.wrong, *watcher.wrong, *late]
    print(
        "Found: " + ("\n  ".join([f"{len(wrong)} faults", *wrong]) if wrong else "nothing lost, doubled or taken back")
    )
    return 1 if wrong else 0


async def _clients(flowing: "asyncio.Task[None]", load: Load, findings: Findings, cluster: Cluster) -> Sequence[str]:
    """Wait for the clients, and return what those say that have not come to their end."""
    began = time.monotonic()
    while time.monotonic() - began < END_SECONDS:
        told, _ = await asyncio.wait([flowing], timeout=SAY_SECONDS)
        if told:
            await flowing
            return []
        await findings.say(time.monotonic() - began)
    say_where()
    cluster.say_where()
    flowing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await flowing
    return [f"a client waits for ever: {live.told()}" for live in load.lives if not live.ended]


def takeovers(cluster: Cluster, harm: Harm) -> Iterator[float]:
    """Yield how long it took, after a node was killed or held still, until another one took a job of it over.

    Only where somebody was there to do so: all others that work on jobs, and the database, were left alone meanwhile.
    """
    lines = [line for node in cluster.nodes.values() for line in (node.folder / "log").read_text().splitlines()]
    gone = [match for line in lines if (match := re.match(r"(\S+ \S+) WARNING .*The node (\S+) is gone", line))]
    noted = sorted((datetime.fromisoformat(match[1].replace(",", ".")).timestamp(), match[2]) for match in gone)
    for blow in harm.blows:
        moment = next((at for at, name in noted if name == blow.target and at > blow.at), None)
        if blow.how == "stopped" or moment is None or moment - blow.at > blow.seconds + LIMIT_SECONDS:
            continue
        if not any(_disturbs(other, blow.at, moment) for other in harm.blows if other is not blow):
            yield moment - blow.at


def _disturbs(blow: Blow, since: float, until: float) -> bool:
    """Tell whether a blow left nobody to take over; who comes back watches for a while before it calls others dead."""
    return (
        not blow.target.startswith(("api", "store")) and blow.at < until and blow.at + blow.seconds + COMES_BACK > since
    )


def _listed(counted: object) -> str:
    assert isinstance(counted, dict)
    return ", ".join(f"{what} {count}" for what, count in sorted(counted.items()))


if __name__ == "__main__":
    sys.exit(main())
