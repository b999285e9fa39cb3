"""vLLM comes and goes: with what a machine has for it, beside others who load, and after its process was killed."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from stages.device_locks import DeviceLocks
from stages.engine import EngineHost
from stages.engine_errors import EngineDied
from stages.engines.canary import Canary
from stages.engines.vllm_chat import VllmChat
from tests.models.test_llama_cpp import Heard
from tests.models.vllm_server import MODEL, TINY

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(900)]


OTHERS = (b"resource_tracker", b"sys.stdin.buffer.read()")


class Turns:
    """Who was loading when, in seconds of one clock."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, float]] = []

    def overlap(self) -> bool:
        ordered = sorted(self.seen)
        return any(later[0] < earlier[1] for earlier, later in itertools.pairwise(ordered))


class QwenAsOnGpu(VllmChat):
    """Takes the turn of a GPU, and loads on the CPU."""

    turns: Turns

    def load(self, devices: Sequence[int]) -> None:
        began = time.monotonic()
        super().load(())
        self.turns.seen.append((began, time.monotonic()))


class CanaryAsOnGpu(Canary):
    """The same."""

    turns: Turns

    def load(self, devices: Sequence[int]) -> None:
        began = time.monotonic()
        super().load(())
        self.turns.seen.append((began, time.monotonic()))


def processes() -> set[int]:
    """Return the ids of vLLM's processes: those that were started here, but for helpers of Python and the watch."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z" and not any(name in command for name in OTHERS):
            found.add(int(folder.name))
    return found


def says(engine: VllmChat) -> Heard:
    heard = Heard()
    asked = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 3}
    engine.start("/v1/chat/completions", msgspec.json.encode(asked), heard)
    assert heard.over.wait(60)
    return heard


async def test_a_load_that_nobody_waits_for_is_undone_by_an_unload(qwen_folder: Path) -> None:
    host = EngineHost(VllmChat(folder=qwen_folder, **TINY))
    asked = asyncio.create_task(host.load())
    seen = host.changed
    await seen.wait()
    assert host.state == "loading"
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert host.state == "loading", "it is not undone by one who no longer waits"
    while not processes():  # noqa: ASYNC110 - vLLM tells nobody
        await asyncio.sleep(0.02)
    await host.unload()
    assert (host.state, host.last_error) == ("on_disk", None)
    assert not processes() and "vllm" not in {thread.name for thread in threading.enumerate()}
    await host.close()


async def test_it_loads_beside_others_dies_comes_again_and_leaves(qwen_folder: Path, canary_folder: Path) -> None:
    qwen, canary = QwenAsOnGpu(folder=qwen_folder, **TINY), CanaryAsOnGpu(folder=canary_folder)
    qwen.turns = canary.turns = Turns()
    locks = DeviceLocks()
    host, other = EngineHost(qwen, [0], locks=locks), EngineHost(canary, [0], locks=locks)
    await asyncio.gather(host.load(), other.load())
    assert (host.state, other.state) == ("ready", "ready")
    assert not canary.turns.overlap(), "nobody loads while another measures what is free"
    assert (await asyncio.to_thread(says, qwen)).status == 200

    (worker,) = processes()
    os.kill(worker, signal.SIGKILL)
    while not qwen._engine.errored:  # noqa: ASYNC110 - vLLM tells nobody
        await asyncio.sleep(0.02)
    with pytest.raises(EngineDied, match="has ended"):
        async with host.in_use():
            await asyncio.to_thread(says, qwen)
    assert host.state == "failed"
    assert "has ended" in (host.last_error or "")
    async with host.in_use():
        assert (await asyncio.to_thread(says, qwen)).status == 200
    assert (host.state, host.last_error) == ("ready", None)
    await host.close()
    await other.close()
    assert not processes()


SERVER = """
import sys
from pathlib import Path
import tests.models.importable
from stages.engines.orphans import children
from stages.engines.vllm_chat import VllmChat
from tests.models.vllm_server import TINY, import_vllm

import_vllm()
engine = VllmChat(folder=Path(sys.argv[1]), **TINY)
engine.load(())
print("loaded", *children(), flush=True)
sys.stdin.read()
"""


def test_it_ends_with_a_server_that_is_killed(qwen_folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(qwen_folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        loaded = next(line for line in server.stdout if line.startswith("loaded"))
        started = [int(number) for number in loaded.split()[1:]]
        assert any("VLLM" in Path(f"/proc/{number}/cmdline").read_text() for number in started)
        server.kill()
    while any(lives(number) for number in started):
        time.sleep(0.02)


def lives(process: int) -> bool:
    """Tell whether a process has not ended yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
