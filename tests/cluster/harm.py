"""What happens to a cluster: processes that are killed, told to stop or held still at random, and started again."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal

import anyio.to_thread
import msgspec

from tests.cluster.cluster import Cluster

How = Literal["killed", "stopped", "held"]
"""With -9; told to stop, so that it hands over; held still for a while, and taken for dead by the others."""
GAP_SECONDS = (2.0, 8.0)
"""Between two blows."""
AWAY_SECONDS: Mapping[str, tuple[float, float]] = {
    "node": (0.5, 22.0),
    "postgres": (0.5, 8.0),
    "store": (0.5, 15.0),
}
"""How long something is away."""
HELD_SECONDS = (4.0, 30.0)
AGAIN_SECONDS = 1.0
"""A node that ends by itself, since the database is away for example, is started again after this."""


class Blow(msgspec.Struct, frozen=True):
    """One thing that was done."""

    at: float
    """Seconds since 1970."""
    target: str
    """Name of a node, `postgres` or `store`."""
    how: How
    """What was done to it."""
    seconds: float
    """For how long."""


class Harm:
    """Hits something again and again until it is told to end; then everything runs again."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self.blows: list[Blow] = []
        self.restarts = 0
        """How often a node was started again that had ended by itself."""
        self._cluster, self._random = cluster, random.Random(seed)
        self._busy: set[str] = set()

    async def run(self, seconds: float) -> None:
        """Do harm for so long."""
        end = time.monotonic() + seconds
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(self._keep())
            blows = []
            while time.monotonic() < end:
                await asyncio.sleep(self._random.uniform(*GAP_SECONDS))
                blow = self._next()
                if blow.target not in self._busy:
                    self._busy.add(blow.target)
                    self.blows.append(blow)
                    blows.append(tasks.create_task(self._hit(blow)))
            if blows:
                await asyncio.wait(blows)
            keeping.cancel()
        await anyio.to_thread.run_sync(self._restore)

    def counted(self) -> Mapping[str, int]:
        """Return how often each thing was done."""
        return Counter(f"{blow.target} {blow.how}" for blow in self.blows)

    def _next(self) -> Blow:
        target = self._random.choice([*self._cluster.nodes, *self._cluster.nodes, "postgres", "store"])
        how: How = "killed"
        if target in self._cluster.nodes:
            how = self._random.choice(["killed", "killed", "killed", "stopped", "held"])
        away = HELD_SECONDS if how == "held" else AWAY_SECONDS.get(target, AWAY_SECONDS["node"])
        return Blow(time.time(), target, how, self._random.uniform(*away))

    async def _hit(self, blow: Blow) -> None:
        down, up = self._ways(blow)
        await anyio.to_thread.run_sync(down)
        await asyncio.sleep(blow.seconds)
        await anyio.to_thread.run_sync(up)
        self._busy.discard(blow.target)

    def _ways(self, blow: Blow) -> tuple[Callable[[], None], Callable[[], None]]:
        cluster = self._cluster
        if blow.target == "postgres":
            return cluster.postgres.kill, cluster.postgres.start
        if blow.target == "store":
            return cluster.swift.stop, cluster.swift.start
        node = cluster.nodes[blow.target]
        if blow.how == "held":
            return lambda: node.send(signal.SIGSTOP), lambda: node.send(signal.SIGCONT)
        sign = signal.SIGKILL if blow.how == "killed" else signal.SIGTERM
        return lambda: node.end(sign), lambda: cluster.start_node(blow.target)

    async def _keep(self) -> None:
        """Start nodes again that ended by themselves, as systemd or a container engine does."""
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            for name, node in self._cluster.nodes.items():
                if name not in self._busy and not node.runs:
                    self.restarts += 1
                    self._cluster.start_node(name)

    def _restore(self) -> None:
        for name, node in self._cluster.nodes.items():
            if not node.runs:
                self._cluster.start_node(name)
        self._cluster.await_answers()
