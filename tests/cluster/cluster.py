"""PostgreSQL, S3, nodes and a load balancer, each a process of its own on loopback, in one folder."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import httpx
import msgspec
from psycopg import sql

from tests.cluster.balancer import Balancer
from tests.storage.postgres_server import PostgresServer
from tests.storage.swift_server import ACCESS_KEY, SECRET_KEY, SwiftServer, free_ports

ROOT = Path(__file__).parent.parent.parent
DATABASE, BUCKET = "parley", "parley"
START_SECONDS = 300.0
WRITE_SECONDS = 2.0
STOP_SECONDS = 60.0
REAL = ("-m", "api.cli")
"""The program of a node with real stages."""
SLEEPING = ("-m", "tests.cluster.node")
"""The program of one whose stages sleep."""


class Shape(msgspec.Struct, frozen=True):
    """Which nodes there are."""

    api: int = 2
    """Doors and live meetings."""
    work: int = 2
    """Jobs and engines."""
    together: int = 2
    """Meetings that a node works on at once."""

    def roles(self) -> Mapping[str, str]:
        """Return the roles of each node by its name."""
        doors = {f"api-{number + 1}": "api" for number in range(self.api)}
        return doors | {f"work-{number + 1}": "jobs,engines" for number in range(self.work)}


class Node:
    """One `parley serve`."""

    def __init__(self, name: str, roles: str, port: int, folder: Path, program: Sequence[str]) -> None:
        self.name, self.roles, self.port, self.folder = name, roles, port, folder
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, environment: Mapping[str, str]) -> None:
        """Start its process; it need not answer yet."""
        command = [sys.executable, *self.program, "serve", "--port", str(self.port), "--data", str(self.folder)]
        self.folder.mkdir(parents=True, exist_ok=True)
        told = {**os.environ, **environment, "PARLEY_NODE": self.name, "PARLEY_ROLES": self.roles}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=log, stderr=log, start_new_session=True)

    @property
    def runs(self) -> bool:
        """Whether its process does."""
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        """Return whether it says that it lives."""
        return _is_well(f"{self.address}/health", 5.0)

    def ready(self) -> bool:
        """Return whether it says that it can work."""
        return _is_well(f"{self.address}/health/ready", 15.0)

    def send(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.runs and self.process is not None:
            self.process.send_signal(number)

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it with a signal, and wait."""
        if self.process is None:
            return
        self.send(number)
        self.send(signal.SIGCONT)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Cluster:
    """Use as `with`: everything runs within it, and nothing is left of its processes after it."""

    def __init__(
        self,
        folder: Path,
        shape: Shape | None = None,
        *,
        program: Sequence[str] = REAL,
        port: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Keep all data in a folder; listen on `port`, or one that is free."""
        self.folder, self.shape = folder, shape or Shape()
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # PostgreSQL's own user goes through it
        roles = self.shape.roles()
        ports = free_ports(len(roles) + 1)
        self.nodes = {
            name: Node(name, roles[name], at, folder / name, program) for name, at in zip(roles, ports[1:], strict=True)
        }
        self.postgres = PostgresServer(folder / "postgres", connections=60 + 40 * len(roles))
        self.swift = SwiftServer(folder / "s3")
        doors = {name: node.port for name, node in self.nodes.items() if "api" in node.roles}
        self.balancer = Balancer(folder / "balancer", port or ports[0], doors)
        self._environment = dict(environment or {})

    @property
    def address(self) -> str:
        """Where clients go."""
        return f"http://127.0.0.1:{self.balancer.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What every node is told."""
        return {
            "PARLEY_DATABASE": self.postgres.url(DATABASE),
            "PARLEY_STORE": f"s3://{BUCKET}?endpoint={self.swift.endpoint}",
            "PARLEY_STORE_ACCESS_KEY": ACCESS_KEY,
            "PARLEY_STORE_SECRET_KEY": SECRET_KEY,
            "PARLEY_JOBS_TOGETHER": str(self.shape.together),
            **self._environment,
        }

    def __enter__(self) -> Self:
        try:
            self.postgres.start()
            self._make_database()
            self.swift.start()
            for node in self.nodes.values():
                node.start(self.environment)
            self.balancer.start()
            self.await_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def await_answers(self) -> None:
        """Wait until every node, and the balancer, answers."""
        deadline = time.monotonic() + START_SECONDS
        for node in self.nodes.values():
            while not node.answers():
                if not node.runs or time.monotonic() > deadline:
                    raise RuntimeError(f"{node.name} does not start:\n{(node.folder / 'log').read_text()[-2000:]}")
                time.sleep(0.1)
        while not _is_well(f"{self.address}/health", 5.0):
            if time.monotonic() > deadline:
                raise RuntimeError("The balancer finds no node.")
            time.sleep(0.1)

    def start_node(self, name: str) -> None:
        """Start a node that ended."""
        self.nodes[name].start(self.environment)

    def say_where(self) -> None:
        """Let every node write into its log where its tasks and threads are; only those that sleep know how."""
        for node in self.nodes.values():
            if SLEEPING[-1] in node.program:
                node.send(signal.SIGUSR1)
        time.sleep(WRITE_SECONDS)

    def stop(self) -> None:
        """End everything: nodes first, each as tidily as it can."""
        self.balancer.stop()
        for node in self.nodes.values():
            node.send(signal.SIGCONT)
            node.send(signal.SIGTERM)
        for node in self.nodes.values():
            node.end()
        self.swift.stop()
        self.postgres.stop()

    def _make_database(self) -> None:
        with contextlib.suppress(Exception):
            self.postgres.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(DATABASE)))


def _is_well(address: str, patience_seconds: float) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(address, timeout=patience_seconds).is_success
    return False
