"""`parley serve` with stages and an embedder that take as long as real ones, asleep: python -m tests.cluster.node ...

On SIGUSR1 it prints where each of its tasks and threads is.
"""

import argparse
import functools
import os
import signal
import sys

from api.app import parts_of
from api.commands import serve
from api.parts import Parts
from api.settings import Settings, load
from pipeline.steps import Step
from tests.cluster.sleeping import live_steps, offline_steps
from tests.cluster.where import say_where


def parts(settings: Settings, speed: float) -> Parts:
    """Return a server whose stages work `speed` times as fast as sound is heard."""

    def offline(*asked: object) -> list[Step]:
        return offline_steps(speed, *asked)

    return parts_of(settings, offline, live_steps)


def main() -> int:
    """Serve as the environment and the command line say."""
    parser = argparse.ArgumentParser(description=__doc__)
    serve.declare(parser.add_subparsers(required=True))
    chosen = parser.parse_args()
    signal.signal(signal.SIGUSR1, say_where)
    speed = float(os.environ.get("NODE_SPEED", "10"))
    os.environ.setdefault("PARLEY_ENGINES__EMBED__ENGINE", "tests.cluster.sleeping_embedder:SleepingEmbedder")
    return serve.run(chosen, load(), functools.partial(parts, speed=speed))


if __name__ == "__main__":
    sys.exit(main())
