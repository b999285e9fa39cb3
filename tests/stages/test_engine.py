"""The life of an engine: one thread, allowed moves, moves that outlive their callers."""

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from stages.engine import MOVES, Card, EngineHost, Progress
from stages.engine_errors import BadMove, EngineError

pytestmark = pytest.mark.anyio


class Counter:
    """A small real engine: it counts, and fails when told to."""

    def __init__(self, *, here: bool = True, fails: int = 0) -> None:
        self.here, self.fails = here, fails
        self.loads = 0
        self.threads: set[int] = set()
        self.gate = threading.Event()
        self.gate.set()

    @property
    def card(self) -> Card:
        """What it is."""
        return Card(engine="counter", model="none", revision="1", licence="MIT", attribution="nobody")

    def on_disk(self) -> bool:
        """Return whether it was downloaded."""
        return self.here

    def download(self, progress: Progress, again: bool = False) -> None:
        """Arrive in two steps."""
        progress(5, 10)
        progress(10, 10)
        self.here = True

    def load(self, devices: Sequence[int]) -> None:
        """Load, or fail as often as told."""
        self.gate.wait(5)
        self.threads.add(threading.get_ident())
        if self.fails:
            self.fails -= 1
            raise EngineError("The device has no memory left; unload another engine first.")
        self.loads += 1

    def unload(self) -> None:
        """Forget."""
        self.threads.add(threading.get_ident())

    def square(self, number: int) -> int:
        """Do some work."""
        self.threads.add(threading.get_ident())
        if number < 0:
            raise EngineError("Only numbers from 0 on have a place here.")
        return number * number


async def test_a_call_downloads_and_loads_what_is_absent_on_one_thread() -> None:
    host = EngineHost(Counter(here=False))
    assert host.state == "absent"
    assert await asyncio.gather(*(host.call(Counter.square, n) for n in range(20))) == [n * n for n in range(20)]
    assert (host.state, host.engine.loads, host.downloaded) == ("ready", 1, (10, 10))
    await host.close()
    assert host.state == "on_disk"
    assert len(host.engine.threads) == 1
    assert threading.get_ident() not in host.engine.threads


async def test_a_failed_call_leaves_the_engine_ready() -> None:
    host = EngineHost(Counter())
    with pytest.raises(EngineError, match="Only numbers"):
        await host.call(Counter.square, -1)
    assert await host.call(Counter.square, 3) == 9
    await host.close()


async def test_a_failed_load_says_why_and_can_be_tried_again() -> None:
    host = EngineHost(Counter(fails=1))
    with pytest.raises(EngineError, match="no memory"):
        await host.load()
    assert host.state == "failed"
    assert host.last_error == "The device has no memory left; unload another engine first."
    await host.load()
    assert (host.state, host.last_error) == ("ready", None)
    await host.close()


async def test_a_move_outlives_the_caller_who_asked_for_it() -> None:
    host = EngineHost(Counter())
    host.engine.gate.clear()
    caller = asyncio.create_task(host.load())
    await host.changed.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert host.state == "loading"
    host.engine.gate.set()
    await host.load()
    assert (host.state, host.engine.loads) == ("ready", 1)
    await host.close()


async def test_an_idle_engine_gives_its_memory_back_and_comes_again() -> None:
    host = EngineHost(Counter(), idle_unload_seconds=0.01)
    await host.call(Counter.square, 2)
    moved = host.changed
    while host.state != "on_disk":
        await moved.wait()
        moved = host.changed
    assert await host.call(Counter.square, 4) == 16
    assert host.engine.loads == 2
    await host.close()


async def test_unloading_waits_for_the_call_under_way() -> None:
    host = EngineHost(Counter())
    await host.load()
    order: list[str] = []

    def slow(_: Counter) -> None:
        time.sleep(0.05)
        order.append("call")

    call = asyncio.create_task(host.call(slow))
    await asyncio.sleep(0.01)
    await host.unload()
    order.append("unloaded")
    await call
    assert order == ["call", "unloaded"]
    await host.close()


async def test_the_table_of_moves_is_held() -> None:
    host = EngineHost(Counter())
    with pytest.raises(BadMove, match="counter is on_disk and cannot become ready"):
        host._enter("ready")
    assert all(set(following) <= set(MOVES) for following in MOVES.values())
    await host.close()
