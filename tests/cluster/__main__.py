"""`make up`: several machines' worth of processes on this one, until Ctrl-C: python -m tests.cluster [--data DIR]."""

import argparse
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from tests.cluster.cluster import REAL, SLEEPING, Cluster, Shape


def main() -> int:
    """Start everything, say where it is, and end it when told to."""
    usual = Path(tempfile.gettempdir()) / f"parley-up-{os.getuid()}"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=usual, help=f"folder for everything ({usual})")
    parser.add_argument("--port", type=int, default=8000, help="port of the load balancer (8000)")
    parser.add_argument("--api", type=int, default=2, help="API nodes (2)")
    parser.add_argument("--work", type=int, default=2, help="job and engine nodes (2)")
    parser.add_argument("--sleeping", action="store_true", help="stages sleep in the place of models")
    chosen = parser.parse_args()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, _stop)
    shape = Shape(api=chosen.api, work=chosen.work)
    program = SLEEPING if chosen.sleeping else REAL
    with Cluster(chosen.data.absolute(), shape, program=program, port=chosen.port) as cluster:
        print(f"Parley listens on {cluster.address}")
        for node in cluster.nodes.values():
            print(f"  {node.name} ({node.roles}) at {node.address}, log {node.folder / 'log'}")
        print(f"  S3 at {cluster.swift.endpoint}, PostgreSQL in {cluster.postgres.folder}")
        print("Stop it with Ctrl+C.", flush=True)
        threading.Event().wait()
    return 0


def _stop(*_: object) -> None:
    """Leave, at whatever is done just now; told again, do not leave the leaving."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_IGN)
    print("Stopping: each node ends what it has begun.", flush=True)
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
