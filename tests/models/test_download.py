"""A model comes from the hub, is restored by its own runtime, and works on without any hub."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.engine import EngineHost
from stages.engines.canary import Canary
from stages.heard import Wish
from tests.hub import COMMIT, hub

pytestmark = pytest.mark.anyio


async def test_canary_comes_from_the_hub_and_stays(
    canary_folder: Path, speech: NDArray[np.float32], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path))
    archive = (canary_folder / "canary-1b-v2.nemo").read_bytes()
    with hub({"canary-1b-v2.nemo": archive, "README.md": b"#\n"}) as running:
        running.cut_after = [300_000]
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        host = EngineHost(Canary())
        assert host.state == "absent"
        (heard,) = await host.call(Canary.transcribe, [speech[:160_000]], Wish(language="en"))
        assert heard.words
        assert host.downloaded == (len(archive), len(archive))
        await host.close()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    offline = EngineHost(Canary())
    assert offline.state == "on_disk"
    (again,) = await offline.call(Canary.transcribe, [speech[:160_000]], Wish(language="en"))
    assert again == heard
    await offline.close()


def test_an_engine_finds_its_archive_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path))
    engine = Canary()
    assert not engine.on_disk()
    root = tmp_path / "models--nvidia--canary-1b-v2"
    (root / "snapshots" / COMMIT).mkdir(parents=True)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(COMMIT)
    assert not engine.on_disk()
    (root / "snapshots" / COMMIT / "canary-1b-v2.nemo").touch()
    assert engine.on_disk()
