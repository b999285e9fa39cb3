"""pyannote.audio through the same contract as every diarizer of whole recordings."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pyannote.audio import Pipeline

from stages.diarize import DiarizeRecording, RecordingDiarizer, SpeakerCount
from stages.engine import EngineHost
from stages.engine_errors import EngineError, ModelMissing
from stages.engines.pyannote import Pyannote
from stages.engines.pyannote_trunk import share_trunk
from stages.speech import AudioChunk
from tests.collect import collect
from tests.contracts import check_recording_diarizer, check_turns
from tests.held_memory import Peak
from tests.models import tiny_pyannote
from tests.models.babble import babble


def nothing(share: float) -> None:
    """Take no notice of progress."""


def test_keeps_the_contract_of_diarizers(pyannote_folder: Path, speech: NDArray[np.float32]) -> None:
    check_recording_diarizer(Pyannote(folder=pyannote_folder), speech)


def test_finds_as_many_speakers_as_there_are_said_to_be(pyannote_folder: Path, speech: NDArray[np.float32]) -> None:
    engine = Pyannote(folder=pyannote_folder)
    engine.load(())
    turns = engine.diarize(speech, SpeakerCount(2, 2), nothing)
    assert {turn.speaker for turn in turns} == {"S1", "S2"}
    assert {turn.speaker for turn in engine.diarize(speech, SpeakerCount(1, 1), nothing)} == {"S1"}


def test_runs_a_pipeline_in_the_manner_of_version_3(tmp_path: Path, speech: NDArray[np.float32]) -> None:
    tiny_pyannote.build(tmp_path / "three", clustering="AgglomerativeClustering", legacy=True)
    engine = Pyannote(folder=tmp_path / "three")
    engine.load(())
    turns = engine.diarize(speech[: 12 * 16_000], SpeakerCount(), nothing)
    assert turns
    check_turns(turns, 12 * 16_000, SpeakerCount())


def test_hears_each_window_once_and_finds_the_same_voices(pyannote_folder: Path, speech: NDArray[np.float32]) -> None:
    windows, found = [0, 0], []
    for number in range(2):
        pipeline = Pipeline.from_pretrained(str(pyannote_folder))
        assert number == 0 or share_trunk(pipeline)

        def count(module: object, given: tuple[torch.Tensor], number: int = number) -> None:
            if given[0].shape[-1] > 900:  # ten seconds, not the bits with which pyannote finds the shortest
                windows[number] += len(given[0])

        pipeline._embedding.model_.resnet.conv1.register_forward_pre_hook(count)
        found.append(pipeline({"waveform": torch.from_numpy(speech)[None], "sample_rate": 16_000}))
    assert windows[0] == 3 * windows[1] > 0
    plain, shared = found
    np.testing.assert_allclose(shared.speaker_embeddings, plain.speaker_embeddings, rtol=1e-3, atol=1e-3)
    assert list(shared.speaker_diarization.itertracks(yield_label=True)) == list(
        plain.speaker_diarization.itertracks(yield_label=True)
    )


def test_tells_nobody_what_it_does(pyannote_folder: Path) -> None:
    Pyannote(folder=pyannote_folder).load(())
    from pyannote.audio.telemetry.metrics import is_metrics_enabled

    assert not is_metrics_enabled()


def test_says_what_is_wrong_with_folder_and_device(tmp_path: Path, pyannote_folder: Path) -> None:
    absent = Pyannote(folder=tmp_path)
    assert not absent.on_disk()
    with pytest.raises(ModelMissing):
        absent.load(())
    broken = tmp_path / "broken"
    shutil.copytree(pyannote_folder, broken)
    shutil.rmtree(broken / "plda")
    with pytest.raises(EngineError, match="broken"):
        Pyannote(folder=broken).load(())
    with pytest.raises(EngineError, match="GPU 63"):
        Pyannote(folder=pyannote_folder).load([63])
    with pytest.raises(EngineError, match="not loaded"):
        Pyannote(folder=pyannote_folder).diarize(np.zeros(16_000, np.float32), SpeakerCount(), nothing)


def test_more_speakers_than_voices_is_an_error_of_this_stage(
    pyannote_folder: Path, speech: NDArray[np.float32]
) -> None:
    engine = Pyannote(folder=pyannote_folder)
    engine.load(())
    with pytest.raises(EngineError, match="14 s of sound"):
        engine.diarize(speech[: 14 * 16_000], SpeakerCount(90, 90), nothing)


@pytest.mark.filterwarnings("ignore:Mean of empty slice:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("length", [1, 400, 16_000, 40_000])
def test_a_moment_of_sound_is_no_error(pyannote_folder: Path, speech: NDArray[np.float32], length: int) -> None:
    engine = Pyannote(folder=pyannote_folder)
    engine.load(())
    check_turns(engine.diarize(speech[:length], SpeakerCount(), nothing), length, SpeakerCount())


@pytest.mark.anyio
async def test_the_length_of_a_recording_is_no_matter_of_memory(tmp_path: Path) -> None:
    """An hour of sound is 230 MB. Windows that do not overlap, so that it takes seconds."""
    tiny_pyannote.build(tmp_path / "model")
    config = tmp_path / "model" / "config.yaml"
    told = json.loads(config.read_text())
    told["pipeline"]["params"]["segmentation_step"] = 1.0
    config.write_text(json.dumps(told))
    (tmp_path / "scratch").mkdir()
    host = EngineHost[RecordingDiarizer](Pyannote(folder=tmp_path / "model"))
    peaks = []
    for minutes in (5, 5, 45):  # what libraries keep for themselves comes with the first
        sound = chunks_of(minutes)
        with Peak() as peak:
            turns = await collect(DiarizeRecording(host, SpeakerCount(2, 2), folder=tmp_path / "scratch"), sound)
        assert turns
        peaks.append(peak.bytes)
    await host.close()
    assert not list((tmp_path / "scratch").iterdir())
    grown, came = peaks[2] - peaks[1], 40 * 60 * 16_000 * 4
    assert grown < came / 2, f"{grown / 1e6:.0f} MB more for {came / 1e6:.0f} MB of sound"


def chunks_of(minutes: int) -> list[AudioChunk]:
    """Return so much sound, which is in memory once."""
    minute = babble(60)
    return [
        AudioChunk(start=60 * number, end=60 * (number + 1), track="0", samples=minute) for number in range(minutes)
    ]
