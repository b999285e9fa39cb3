"""`parley serve` with stages that sleep as long as the real ones work: python -m tests.cluster.node serve ...

On SIGUSR1 it prints where each of its tasks and threads is.
"""

import argparse
import asyncio
import faulthandler
import functools
import os
import signal
import sys
from typing import Any

from api.app import parts_of
from api.commands import serve
from api.parts import Parts
from api.settings import Settings, load
from pipeline.steps import Step
from tests.cluster.sleeping import live_steps, offline_steps


def parts(settings: Settings, speed: float) -> Parts:
    """Return a server whose stages work `speed` times as fast as sound is heard."""

    def offline(*asked: object) -> list[Step]:
        return offline_steps(speed, *asked)

    return parts_of(settings, offline, live_steps)


def _print_waits(task: "asyncio.Task[Any]") -> None:
    """Print the whole chain of what a task waits in: its own stack ends at the first of them."""
    print(f"Task {task.get_name()}", file=sys.stderr)
    waits: Any = task.get_coro()
    while waits is not None:
        frame = getattr(waits, "cr_frame", None) or getattr(waits, "ag_frame", None) or getattr(waits, "gi_frame", None)
        if frame is not None:
            print(f"  {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}", file=sys.stderr)
        waits = (
            getattr(waits, "cr_await", None) or getattr(waits, "ag_await", None) or getattr(waits, "gi_yieldfrom", None)
        )


def _say_where(*_: object) -> None:
    for task in asyncio.all_tasks():
        _print_waits(task)
    faulthandler.dump_traceback()


def main() -> int:
    """Serve as the environment and the command line say."""
    parser = argparse.ArgumentParser(description=__doc__)
    serve.declare(parser.add_subparsers(required=True))
    chosen = parser.parse_args()
    signal.signal(signal.SIGUSR1, _say_where)
    speed = float(os.environ.get("NODE_SPEED", "10"))
    return serve.run(chosen, load(), functools.partial(parts, speed=speed))


if __name__ == "__main__":
    sys.exit(main())
