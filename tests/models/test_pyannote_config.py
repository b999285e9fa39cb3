"""Pipelines as their authors write them: 3.1 and community-1, with parts here or there, and without a network."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.diarize import SpeakerCount
from stages.engine_errors import EngineError, ModelMissing
from stages.engines.pyannote import Pyannote
from stages.engines.pyannote_config import models_of, read, resolved
from stages.speech import SpeakerTurn
from stages.turns import exclusive
from tests.hub import COMMIT, hub

SEGMENTATION, EMBEDDING = "pyannote/segmentation-3.0", "pyannote/wespeaker-voxceleb-resnet34-LM"
TWO = SpeakerCount(2, 2)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return tmp_path / "cache"


def rewritten(folder: Path, to: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Copy a pipeline by links, with another configuration."""
    to.mkdir(parents=True)
    for part in ("segmentation", "embedding", "plda"):
        (to / part).symlink_to(folder / part)
    config = json.loads((folder / "config.yaml").read_text())
    change(config)
    (to / "config.yaml").write_text(json.dumps(config))
    return to


def like_3_1(config: dict[str, Any]) -> None:
    """Name the parts as speaker-diarization-3.1 does: other models of the hub, and no PLDA."""
    del config["dependencies"]
    config["version"] = "3.1.0"
    params = config["pipeline"]["params"]
    del params["plda"]
    params |= {"segmentation": SEGMENTATION, "embedding": EMBEDDING, "clustering": "AgglomerativeClustering"}
    config["params"]["clustering"] = {"method": "centroid", "min_cluster_size": 2, "threshold": 0.7}


def turns(engine: Pyannote, speech: NDArray[np.float32]) -> list[SpeakerTurn]:
    engine.load(())
    found = engine.diarize(speech[: 14 * 16_000], TWO, lambda share: None)
    engine.unload()
    return found


@pytest.mark.parametrize("way", ["$model/{}@main", "$MODEL/{}", "{}/{}", "$MODEL/{}/pytorch_model.bin"])
def test_parts_beside_the_configuration_are_found_however_they_are_named(
    pyannote_folder: Path, tmp_path: Path, speech: NDArray[np.float32], way: str
) -> None:
    def name(config: dict[str, Any]) -> None:
        for part in ("segmentation", "embedding"):
            config["pipeline"]["params"][part] = way.format(*[str(pyannote_folder), part][way.count("{}") == 1 :])
        config["pipeline"]["params"]["plda"] = "$MODEL/plda"

    folder = rewritten(pyannote_folder, tmp_path / "offline", name)
    assert turns(Pyannote(folder=folder), speech) == turns(Pyannote(folder=pyannote_folder), speech) != []


def test_3_1_comes_from_the_hub_with_the_models_that_it_names_and_works_on_offline(
    pyannote_folder: Path,
    tmp_path: Path,
    cache: Path,
    speech: NDArray[np.float32],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = rewritten(pyannote_folder, tmp_path / "three", like_3_1)
    assert list(models_of(read(folder))) == [(SEGMENTATION, "main"), (EMBEDDING, "main")]
    engine = Pyannote("pyannote/speaker-diarization-3.1")
    assert not engine.on_disk()
    told: list[tuple[int, int | None]] = []
    with hub({"config.yaml": (folder / "config.yaml").read_bytes()}) as running:
        for model, part in ((SEGMENTATION, "segmentation"), (EMBEDDING, "embedding")):
            running.others[model] = {"pytorch_model.bin": (folder / part / "pytorch_model.bin").read_bytes()}
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        engine.download(lambda *now: told.append(now))
    assert told[-1][0] == sum(
        path.stat().st_size for path in cache.rglob("*") if path.is_file() and path.parent.name == "blobs"
    )
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert engine.on_disk()
    assert {turn.speaker for turn in turns(engine, speech)} == {"S1", "S2"}
    (cache / f"models--{EMBEDDING.replace('/', '--')}" / "snapshots" / COMMIT / "pytorch_model.bin").resolve().unlink()
    assert not engine.on_disk()
    with pytest.raises(ModelMissing, match=f"needs the model {EMBEDDING} for its embedding"):
        engine.load(())


def test_community_1_without_a_plda_takes_the_authors(pyannote_folder: Path, tmp_path: Path) -> None:
    folder = rewritten(pyannote_folder, tmp_path / "bare", lambda config: config["pipeline"]["params"].pop("plda"))
    assert list(models_of(read(folder))) == [("pyannote/speaker-diarization-community-1", "main")]
    with pytest.raises(ModelMissing, match="for its plda"):
        resolved(read(folder), folder)


@pytest.mark.parametrize("key", ["version", "dependencies"])
def test_a_pipeline_of_a_later_release_says_which(pyannote_folder: Path, tmp_path: Path, key: str) -> None:
    def later(config: dict[str, Any]) -> None:
        config.pop("dependencies")
        config[key] = "5.1.0" if key == "version" else {"pyannote.audio": "5.1.0"}

    folder = rewritten(pyannote_folder, tmp_path / "later", later)
    with pytest.raises(EngineError, match=r"needs pyannote\.audio 5 or later \(it names 5\.1\.0\), and 4\.0\.7"):
        Pyannote(folder=folder).load(())


def test_a_configuration_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("[1, 2]\n")
    with pytest.raises(EngineError, match=r"config\.yaml cannot be read: it is no pipeline"):
        Pyannote(folder=tmp_path).load(())


def test_who_is_to_be_heard_and_how_they_sound_comes_with_the_turns(
    pyannote_folder: Path, speech: NDArray[np.float32]
) -> None:
    engine = Pyannote(folder=pyannote_folder)
    engine.load(())
    found = engine.diarize(speech, TWO, lambda share: None)
    assert all(isinstance(turn.leads, tuple) for turn in found)
    alone = exclusive(found)
    assert all(one.end <= later.start for one, later in itertools.pairwise(alone))
    whole = engine._pipeline({"waveform": _tensor(speech), "sample_rate": 16_000}, min_speakers=2, max_speakers=2)
    theirs = sum(segment.duration for segment in whole.exclusive_speaker_diarization.itersegments())
    assert sum(turn.duration for turn in alone) == pytest.approx(theirs, abs=0.01)
    voices = {turn.speaker: np.frombuffer(turn.voice, np.float32) for turn in found if isinstance(turn.voice, bytes)}
    assert set(voices) == {"S1", "S2"}
    assert all(np.linalg.norm(voice) == pytest.approx(1) for voice in voices.values())


def _tensor(speech: NDArray[np.float32]) -> Any:
    import torch

    return torch.from_numpy(speech)[None]
