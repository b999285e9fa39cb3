"""Models come from the hub into the cache that its other users share: whole, checked, and from where it stopped."""

import contextlib
import fcntl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.engine_errors import DownloadStopped, EngineError
from stages.model_cache import KINDS, fetch_model, find_model
from tests.hub import COMMIT, TOKEN, Hub, hub

ROOT = Path(__file__).parent.parent.parent
WEIGHTS = bytes(range(256)) * 12_000
"""3 MB: three blocks of the client."""
FILES = {"config.yaml": b"pipeline: {}\n", "plda/plda.npz": b"n" * 3_000, "w.safetensors": WEIGHTS, "README.md": b"#\n"}
QUICK = (0.01, 0.02)
Told = list[tuple[int, int | None]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    for name in ("HUGGINGFACE_TOKEN", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def served() -> Iterator[Hub]:
    with hub(FILES) as running:
        yield running


def fetch(running: Hub, told: Told | None = None, *, again: bool = False, model: str = "some/model") -> Path:
    told = [] if told is None else told
    return fetch_model(model, "main", KINDS, lambda *now: told.append(now), running.address, again=again, waits=QUICK)


def test_fetches_every_kind_of_file_and_tells_the_bytes(cache: Path, served: Hub) -> None:
    told: Told = []
    assert find_model("some/model", "main") is None
    folder = fetch(served, told)
    assert folder == find_model("some/model", "main") == cache / "models--some--model" / "snapshots" / COMMIT
    assert find_model("some/model", COMMIT) == folder
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")} == FILES.keys() - {"README.md"}
    assert all((folder / name).read_bytes() == FILES[name] for name in FILES.keys() - {"README.md"})
    wanted = sum(len(FILES[name]) for name in FILES.keys() - {"README.md"})
    assert told[-1] == (wanted, wanted)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_is_there_is_not_fetched_again_unless_it_is_forced(served: Hub) -> None:
    folder = fetch(served)
    served.asked.clear()
    assert fetch(served) == folder
    assert served.files_asked == []
    (folder / "config.yaml").resolve().write_bytes(b"pipeline: []\n")
    fetch(served, again=True)
    assert (folder / "config.yaml").read_bytes() == FILES["config.yaml"]
    assert len(served.files_asked) == 3


def test_a_cut_download_goes_on_where_it_stopped(served: Hub) -> None:
    whole = 10**9
    served.cut_after = [5, whole, 100, whole, 1_500_000]
    folder = fetch(served)
    assert (folder / "w.safetensors").read_bytes() == WEIGHTS
    ranges = [asked for name, asked in served.files_asked if name == "w.safetensors"]
    assert ranges[0] is None
    assert ranges[1] is not None and 0 < int(ranges[1].removeprefix("bytes=").rstrip("-")) <= 1_500_000


def test_a_stopped_download_goes_on_at_the_next_try(cache: Path, served: Hub) -> None:
    def stop(done: int, total: int | None) -> None:
        if done > 2_000_000:
            raise DownloadStopped("enough")

    with pytest.raises(DownloadStopped):
        fetch_model("some/model", "main", KINDS, stop, served.address, waits=QUICK)
    assert find_model("some/model", "main") is None
    assert list(cache.rglob("*.incomplete"))
    served.asked.clear()
    folder = fetch(served)
    (asked,) = [asked for name, asked in served.files_asked if name == "w.safetensors"]
    assert asked is not None and int(asked.removeprefix("bytes=").rstrip("-")) >= 1_900_000
    assert (folder / "w.safetensors").read_bytes() == WEIGHTS
    assert not list(cache.rglob("*.incomplete"))


def test_a_hub_without_ranges_begins_again(served: Hub) -> None:
    served.ranges = False
    served.cut_after = [13, 3_000, 100]
    assert (fetch(served) / "w.safetensors").read_bytes() == WEIGHTS


def test_a_wrong_byte_is_found_and_fetched_again(served: Hub) -> None:
    served.damaged = 1
    assert (fetch(served) / "config.yaml").read_bytes() == FILES["config.yaml"]


def test_what_stays_damaged_is_refused(cache: Path, served: Hub) -> None:
    served.damaged = 2
    with pytest.raises(EngineError, match=r"config\.yaml of some/model arrived damaged twice"):
        fetch(served)
    assert find_model("some/model", "main") is None
    assert not list(cache.rglob("*.incomplete"))


def test_a_hub_that_is_overloaded_is_asked_again(served: Hub) -> None:
    served.statuses = [503, 500, 429]
    with pytest.raises(EngineError, match=r"answered 429.*try again"):
        fetch(served)
    served.statuses = [502]
    assert fetch(served).is_dir()


def test_a_gated_model_asks_for_a_token_and_takes_it(served: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    served.gated = True
    with pytest.raises(EngineError, match=r"is gated: accept its conditions.*HUGGINGFACE_TOKEN"):
        fetch(served)
    monkeypatch.setenv("HUGGINGFACE_TOKEN", "hf_other")
    with pytest.raises(EngineError, match="account of the Hugging Face token may not read it"):
        fetch(served)
    monkeypatch.setenv("HUGGINGFACE_TOKEN", TOKEN)
    assert fetch(served).is_dir()
    shown = [key for path, _, key in served.asked if path.startswith("/blobs/")]
    assert shown and not any(shown), "the token does not travel to where large files lie"


def test_a_model_that_nobody_knows_is_named(served: Hub) -> None:
    with pytest.raises(EngineError, match="none/model"):
        fetch(served, model="none/model")


def test_a_model_without_the_wanted_files_is_refused(served: Hub) -> None:
    with pytest.raises(EngineError, match=r"none of the files \*\.nemo"):
        fetch_model("some/model", "main", ["*.nemo"], lambda done, total: None, served.address)


def test_a_hub_that_names_files_outside_is_refused(cache: Path, served: Hub) -> None:
    served.files = {"../../../evil.json": b"{}"}
    with pytest.raises(EngineError, match="does not say what some/model consists of"):
        fetch(served)
    assert not list(cache.parent.rglob("evil.json"))


def test_without_a_network_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineError, match="check the network"):
        fetch_model("some/model", "main", ["*.yaml"], lambda done, total: None, "http://127.0.0.1:9", waits=QUICK)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EngineError, match="HF_HUB_OFFLINE is set"):
        fetch_model("some/model", "main", ["*.yaml"], lambda done, total: None)


def test_a_newer_revision_takes_over_only_when_it_is_whole(served: Hub) -> None:
    old = fetch(served)
    served.commit, served.files["config.yaml"] = "d" * 40, b"pipeline: {new: 1}\n"
    served.damaged = 2
    with pytest.raises(EngineError):
        fetch(served)
    assert find_model("some/model", "main") == old
    new = fetch(served)
    assert find_model("some/model", "main") == new != old
    assert [name for name, _ in served.files_asked if name == "w.safetensors"] == ["w.safetensors"]


def test_a_cache_whose_blobs_are_gone_has_no_model(served: Hub) -> None:
    folder = fetch(served)
    (folder / "config.yaml").resolve().unlink()
    assert find_model("some/model", "main") is None


def test_two_who_fetch_the_same_share_the_work(cache: Path, served: Hub) -> None:
    served.held.clear()
    folders: list[Path] = []
    both = [threading.Thread(target=lambda: folders.append(fetch(served))) for _ in range(2)]
    for each in both:
        each.start()
    served.held.set()
    for each in both:
        each.join(30)
    assert folders[0] == folders[1]
    assert len(served.files_asked) == 3


def test_the_locks_are_those_of_the_hubs_own_tools(cache: Path, served: Hub) -> None:
    fetch(served)
    locks = sorted((cache / ".locks" / "models--some--model").glob("*.lock"))
    assert [lock.stem for lock in locks] == sorted(path.name for path in cache.glob("models--*/blobs/*"))
    waited = 0

    def leave(done: int, total: int | None) -> None:
        nonlocal waited
        waited += 1
        if waited > 1:
            raise DownloadStopped("enough")

    served.asked.clear()
    with contextlib.ExitStack() as held:
        for lock in locks:
            fcntl.flock(held.enter_context(lock.open("a")), fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(DownloadStopped):
            fetch_model("some/model", "main", KINDS, leave, served.address, again=True)
    assert served.files_asked == []


FULL = """
import resource, signal, sys
from stages.model_cache import KINDS, fetch_model
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    fetch_model("some/model", "main", KINDS, lambda done, total: None, sys.argv[1])
except Exception as error:
    print(type(error).__name__, error)
"""
"""A process that may write files of 1 MB at most: what a full disk or a quota answers, another error number apart."""


def test_a_disk_that_takes_no_more_is_told(cache: Path, served: Hub) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FULL, served.address], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.stdout.startswith("EngineError The model some/model cannot be written to"), ran.stderr
    assert "try again" in ran.stdout
    assert (fetch(served) / "w.safetensors").read_bytes() == WEIGHTS


def test_a_model_larger_than_the_disk_is_refused_before_a_byte(served: Hub) -> None:
    served.claimed["w.safetensors"] = 10**18
    with pytest.raises(EngineError, match=r"The disk is full: some/model needs 1000000000\.0 GB more.*MODEL_CACHE_DIR"):
        fetch(served)
    assert served.files_asked == []
