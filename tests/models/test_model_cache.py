"""Models come from the hub into the cache that its other users share."""

from pathlib import Path

import pytest

from stages.engine_errors import EngineError
from stages.engines.canary import Canary
from stages.model_cache import fetch_model, find_model
from tests.models.hub import COMMIT, hub

FILES = {"config.yaml": b"pipeline: {}\n", "plda/plda.npz": b"n" * 3_000, "README.md": b"# Not wanted\n"}
Told = list[tuple[int, int | None]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("HUGGINGFACE_TOKEN", raising=False)
    return tmp_path


def test_fetches_what_is_wanted_and_tells_the_bytes(cache: Path) -> None:
    told: Told = []
    assert find_model("some/model", "main") is None
    with hub(FILES) as address:
        folder = fetch_model("some/model", "main", ["*.yaml", "*.npz"], lambda *now: told.append(now), address)
    assert folder == find_model("some/model", "main") == cache / "models--some--model" / "snapshots" / COMMIT
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")} == {"config.yaml", "plda/plda.npz"}
    wanted = len(FILES["config.yaml"]) + len(FILES["plda/plda.npz"])
    assert told[-1] == (wanted, wanted)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_gated_model_asks_for_a_token() -> None:
    with hub(FILES, gated=True) as address, pytest.raises(EngineError, match="HUGGINGFACE_TOKEN"):
        fetch_model("some/model", "main", ["*.yaml"], lambda done, total: None, address)


def test_a_model_that_nobody_knows_is_named() -> None:
    with hub(FILES) as address, pytest.raises(EngineError, match="none/model"):
        fetch_model("none/model", "main", ["*.yaml"], lambda done, total: None, address)


def test_a_model_without_the_wanted_files_is_refused() -> None:
    with hub(FILES) as address, pytest.raises(EngineError, match=r"none of the files \*\.nemo"):
        fetch_model("some/model", "main", ["*.nemo"], lambda done, total: None, address)


def test_without_a_network_it_says_what_to_do() -> None:
    with pytest.raises(EngineError, match="Check the network"):
        fetch_model("some/model", "main", ["*.yaml"], lambda done, total: None, "http://127.0.0.1:9")


def test_an_engine_finds_its_archive_in_the_cache(cache: Path) -> None:
    engine = Canary()
    assert not engine.on_disk()
    root = cache / "models--nvidia--canary-1b-v2"
    (root / "snapshots" / COMMIT).mkdir(parents=True)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(COMMIT)
    assert not engine.on_disk()
    (root / "snapshots" / COMMIT / "canary-1b-v2.nemo").touch()
    assert engine.on_disk()
