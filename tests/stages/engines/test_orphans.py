"""A process that is killed, and what it had started."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import subprocess, sys
from stages.engines.orphans import Guard, children
others = children()
engine = subprocess.Popen(["sleep", "600"])
guard = Guard(children() - others)
print(engine.pid, flush=True)
if sys.argv[1] == "let_go":
    guard.let_go()
    print("gone", flush=True)
sys.stdin.read()
"""


def ended(process: int) -> bool:
    """Tell whether a process has ended; one that nobody waits for keeps its number for a while."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("what", ["hold", "let_go"])
def test_they_end_with_it_unless_they_were_let_go(what: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        engine = int(parent.stdout.readline())
        if what == "let_go":
            assert parent.stdout.readline() == "gone\n"
        assert not ended(engine)
        parent.kill()
    if what == "let_go":
        assert not ended(engine)
        subprocess.run(["kill", str(engine)], check=True)
    while not ended(engine):
        time.sleep(0.01)
