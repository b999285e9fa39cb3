"""What people do to an engine: stop a download, force one, choose devices, pin it; and what they are told."""

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from stages.device_locks import DeviceLocks
from stages.engine import Card, EngineHost, Progress
from stages.engine_errors import DownloadStopped, EngineError
from stages.failure import in_words

pytestmark = pytest.mark.anyio


class Slow:
    """A small real engine that takes its time: it downloads until told to go on, and loads through a gate."""

    def __init__(self, *, here: bool = True) -> None:
        self.here = here
        self.downloads: list[bool] = []
        self.devices: list[Sequence[int]] = []
        self.gate, self.begun = threading.Event(), threading.Event()
        self.gate.set()
        self.fails: list[Exception] = []

    @property
    def card(self) -> Card:
        """What it is."""
        return Card(engine="slow", model="none", revision="1", licence="MIT", attribution="nobody")

    def on_disk(self) -> bool:
        """Return whether it was downloaded."""
        return self.here

    def download(self, progress: Progress, again: bool = False) -> None:
        """Bring a byte after the other, until the gate opens."""
        self.downloads.append(again)
        done = 0
        while not self.gate.wait(0.01):
            self.begun.set()
            done += 1
            progress(done, 1_000_000)
        self.here = True

    def load(self, devices: Sequence[int]) -> None:
        """Load, or fail as told."""
        self.begun.set()
        self.gate.wait(5)
        if self.fails:
            raise self.fails.pop()
        self.devices.append(devices)

    def unload(self) -> None:
        """Forget."""


async def begun(engine: Slow) -> None:
    await asyncio.to_thread(engine.begun.wait, 5)


async def test_a_download_is_stopped_and_begins_again() -> None:
    host = EngineHost(Slow(here=False))
    host.engine.gate.clear()
    asked = asyncio.create_task(host.download())
    await begun(host.engine)
    assert host.state == "downloading"
    await host.unload()
    with pytest.raises(DownloadStopped, match="what has arrived is kept"):
        await asked
    assert (host.state, host.last_error) == ("absent", None)
    assert host.downloaded[0] > 0
    host.engine.gate.set()
    await host.download()
    assert host.state == "on_disk"
    await host.close()


async def test_a_download_can_be_forced_and_gives_the_memory_back_first() -> None:
    host = EngineHost(Slow())
    await host.load()
    await host.download()
    assert (host.state, host.engine.downloads) == ("ready", [])
    await host.download(force=True)
    assert (host.state, host.engine.downloads) == ("on_disk", [True])
    await host.close()


async def test_it_moves_to_the_devices_that_are_chosen() -> None:
    host = EngineHost(Slow(), devices=[0])
    await host.load()
    await host.load([0])
    await host.load([1, 2])
    assert (host.state, host.devices, host.engine.devices) == ("ready", (1, 2), [(0,), (1, 2)])
    await host.close()


async def test_engines_load_one_after_the_other_on_a_device_and_together_elsewhere() -> None:
    locks = DeviceLocks()
    first, second, third = (EngineHost(Slow(), [device], locks=locks) for device in (0, 0, 1))
    first.engine.gate.clear()
    loads = [asyncio.create_task(host.load()) for host in (first, second, third)]
    await loads[2]
    await begun(first.engine)
    assert [host.state for host in (first, second, third)] == ["loading", "loading", "ready"]
    assert not second.engine.begun.is_set(), "it waits for its turn at the device"
    first.engine.gate.set()
    await asyncio.gather(*loads)
    assert [host.state for host in (first, second)] == ["ready", "ready"]
    for host in (first, second, third):
        await host.close()


async def test_a_load_that_is_not_wanted_any_more_ends_unloaded() -> None:
    host = EngineHost(Slow(), locks=DeviceLocks())
    host.engine.gate.clear()
    load = asyncio.create_task(host.load())
    await begun(host.engine)
    load.cancel()
    unload = asyncio.create_task(host.unload())
    await asyncio.sleep(0)
    host.engine.gate.set()
    await unload
    assert host.state == "on_disk"
    await host.close()


async def test_a_pinned_engine_stays() -> None:
    host = EngineHost(Slow(), idle_unload_seconds=0.01, pinned=True)
    await host.call(lambda engine: time.sleep(0))
    host.unload_idle()
    assert host.state == "ready"
    host.pinned = False
    host.unload_idle()
    await host.unload()
    assert host.state == "on_disk"
    await host.close()


async def test_what_others_do_to_the_files_is_seen() -> None:
    host = EngineHost(Slow(here=False))
    assert host.look() == "absent"
    host.engine.here = True
    assert host.look() == "on_disk"
    host.engine.here = False
    assert host.look() == "absent"
    await host.close()


async def test_a_failed_engine_can_be_put_away() -> None:
    host = EngineHost(Slow(), devices=[3])
    host.engine.fails = [RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")]
    with pytest.raises(RuntimeError):
        await host.load()
    assert host.state == "failed"
    assert host.last_error is not None and "does not fit into the memory of GPU 3" in host.last_error
    await host.unload()
    assert (host.state, host.last_error) == ("on_disk", None)
    await host.close()


def wrapped(cause: Exception) -> EngineError:
    try:
        raise EngineError("It could not be loaded.") from cause
    except EngineError as error:
        return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "does not fit into the memory of this machine"),
        (wrapped(RuntimeError("CUDA out of memory.")), "Unload another engine"),
        (
            ValueError("Free memory on device (3/80 GiB) on startup is less than desired GPU memory utilization"),
            "choose",
        ),
        (RuntimeError("The NVIDIA driver on your system is too old (found version 11040)"), "Update the driver"),
        (OSError(28, "No space left on device"), "The disk is full"),
        (wrapped(KeyError("encoder")), "It could not be loaded."),
        (KeyError("x" * 999), "The engine slow broke (KeyError: 'xxx"),
    ],
)
def test_failures_are_said_in_words(error: Exception, said: str) -> None:
    told = in_words(error, "slow", ())
    assert said in told
    assert len(told) < 700
