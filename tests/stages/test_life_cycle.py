"""What an engine's `last_error` says of each way in which its weights do not come, and that the next try mends it."""

import errno
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from stages.engine import Card, Engine, EngineHost, Progress
from stages.engine_errors import EngineError
from stages.model_cache import KINDS, fetch_model
from tests.hub import TOKEN, Hub, hub

pytestmark = pytest.mark.anyio


class Fetched(Engine):
    """An engine whose weights come from the hub, and that does nothing with them."""

    card = Card(engine="fetched", model="some/model", revision="main", licence="MIT", attribution="tests")

    def __init__(self, address: str, failure: BaseException | None = None) -> None:
        self.address, self.failure, self.here = address, failure, False

    def on_disk(self) -> bool:
        return self.here

    def download(self, progress: Progress, again: bool = False) -> None:
        fetch_model("some/model", "main", KINDS, progress, self.address, again=again, waits=(0.01,))
        self.here = True

    def load(self, devices: Sequence[int]) -> None:
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure

    def unload(self) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    for name in ("HUGGINGFACE_TOKEN", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with hub({"config.json": b"{}\n", "w.safetensors": bytes(range(256)) * 8_000}) as running:
        yield running


def damaged(running: Hub) -> None:
    running.damaged = 2


def gated(running: Hub) -> None:
    running.gated = True


def overloaded(running: Hub) -> None:
    running.statuses = [503, 500, 502]


def cut(running: Hub) -> None:
    running.cut_after = [3, 100_000]


def too_large(running: Hub) -> None:
    running.claimed["w.safetensors"] = 10**18


@pytest.mark.parametrize(
    ("fails", "said"),
    [
        (damaged, r"arrived damaged twice"),
        (gated, r"is gated: accept its conditions.*HUGGINGFACE_TOKEN"),
        (overloaded, r"answered 50\d.*try again"),
        (too_large, r"The disk is full.*MODEL_CACHE_DIR"),
    ],
)
async def test_a_download_that_fails_says_why_and_the_next_one_mends_it(
    served: Hub, monkeypatch: pytest.MonkeyPatch, fails: Callable[[Hub], None], said: str
) -> None:
    fails(served)
    host = EngineHost(Fetched(served.address))
    with pytest.raises(EngineError, match=said):
        await host.load()
    assert host.state == "failed"
    assert host.last_error is not None and TOKEN not in host.last_error
    served.damaged, served.statuses, served.claimed = 0, [], {}
    monkeypatch.setenv("HUGGINGFACE_TOKEN", TOKEN)
    await host.load()
    assert (host.state, host.last_error) == ("ready", None)
    await host.close()


async def test_a_download_that_is_cut_goes_on_and_nothing_is_said(served: Hub) -> None:
    cut(served)
    host = EngineHost(Fetched(served.address))
    await host.load()
    assert (host.state, host.last_error) == ("ready", None)
    await host.close()


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "does not fit into the memory of GPU 0"),
        (RuntimeError("The NVIDIA driver on your system is too old"), "driver of this machine is too old"),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
    ],
)
async def test_a_load_that_fails_says_why_and_can_be_tried_again(
    served: Hub, monkeypatch: pytest.MonkeyPatch, failure: Exception, said: str
) -> None:
    host = EngineHost(Fetched(served.address, failure), devices=[0])
    with pytest.raises(type(failure)):
        await host.load()
    assert host.state == "failed" and host.last_error is not None and said in host.last_error
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    await host.load()
    assert (host.state, host.last_error) == ("ready", None), "what is in the cache needs no network"
    await host.close()
