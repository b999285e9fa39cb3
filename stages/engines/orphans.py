"""Processes of an engine end with ours, also where ours is killed: on a GPU they would keep its memory."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_WATCH = """
import os, signal, sys
sys.stdin.buffer.read()
for process, born in (each.split(":") for each in sys.argv[1:]):
    try:
        with open(f"/proc/{process}/stat") as file:
            if file.read().rpartition(")")[2].split()[19] == born:
                os.kill(int(process), signal.SIGKILL)
    except OSError:
        pass
"""
"""Waits for the end of its input, which comes when nobody holds the other end any more. Source: proc(5), starttime."""


def children() -> set[int]:
    """Return the ids of the processes that this one has started."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        try:
            found.update(map(int, (task / "children").read_text().split()))
        except FileNotFoundError:
            continue  # a thread that has just ended
    return found


class Guard:
    """A small process that kills others when ours is gone."""

    def __init__(self, processes: Iterable[int]) -> None:
        named = [f"{process}:{born}" for process in processes if (born := _born(process)) is not None]
        self._watch = subprocess.Popen([sys.executable, "-I", "-S", "-c", _WATCH, *named], stdin=subprocess.PIPE)

    def let_go(self) -> None:
        """Kill nobody."""
        self._watch.kill()
        self._watch.communicate()


def _born(process: int) -> str | None:
    """Return when a process began: ids are given again."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except FileNotFoundError:
        return None
