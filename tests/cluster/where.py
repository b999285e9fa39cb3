"""Where all tasks of a process are: the whole chain of what each waits in."""

import asyncio
import faulthandler
import sys
from typing import Any

INNER = ("cr_await", "ag_await", "gi_yieldfrom")
FRAMES = ("cr_frame", "ag_frame", "gi_frame")


def say_where(*_: object) -> None:
    """Print it, and the stacks of all threads."""
    for task in asyncio.all_tasks():
        print(f"Task {task.get_name()}", file=sys.stderr)
        waits: Any = task.get_coro()
        while waits is not None:
            frame = _first(waits, FRAMES)
            if frame is not None:
                print(f"  {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}", file=sys.stderr)
            waits = _first(waits, INNER)
    sys.stderr.flush()
    faulthandler.dump_traceback()


def _first(of: Any, names: tuple[str, ...]) -> Any:
    return next((found for name in names if (found := getattr(of, name, None)) is not None), None)
