"""community-1's networks as large as they are, through the adapter's own way of loading them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.diarize import SpeakerCount
from stages.engines.pyannote import Pyannote
from tests.contracts import check_recording_diarizer, check_turns
from tests.gpu.card import GIB, SLACK, allocated


def test_a_recording_becomes_turns(pyannote_folder: Path, devices: Sequence[int], sound: NDArray[np.float32]) -> None:
    engine = Pyannote(folder=pyannote_folder)
    engine.load(devices)
    told: list[float] = []
    turns = engine.diarize(sound, SpeakerCount(2, 4), told.append)
    assert turns
    check_turns(turns, len(sound), SpeakerCount(2, 4))
    assert told == sorted(told) and told[-1] == 1
    engine.unload()


def test_keeps_the_contract_of_diarizers(
    tiny_folders: tuple[Path, Path], devices: Sequence[int], sound: NDArray[np.float32]
) -> None:
    check_recording_diarizer(Pyannote(folder=tiny_folders[1]), sound[: 24 * 16_000], devices)


def test_hears_the_same_turns_as_on_a_cpu(
    tiny_folders: tuple[Path, Path], devices: Sequence[int], sound: NDArray[np.float32]
) -> None:
    spoken: list[NDArray[np.bool_]] = []
    for where in ((), devices):
        engine = Pyannote(folder=tiny_folders[1])
        engine.load(where)
        frames = np.zeros(len(sound) // 160, bool)
        for turn in engine.diarize(sound, SpeakerCount(2, 2), lambda share: None):
            frames[round(turn.start * 100) : round(turn.end * 100)] ^= turn.speaker == "S1"
        spoken.append(frames)
        engine.unload()
    assert np.mean(spoken[0] == spoken[1]) > 0.98


@pytest.mark.real_card
def test_an_hour_needs_little_memory_and_gives_it_back(pyannote_folder: Path, devices: Sequence[int]) -> None:
    import torch

    from tests.models.babble import babble

    before = allocated()
    engine = Pyannote(folder=pyannote_folder)
    engine.load(devices)
    torch.cuda.reset_peak_memory_stats()
    engine.diarize(babble(3600), SpeakerCount(2, 4), lambda share: None)
    assert torch.cuda.max_memory_allocated() - before < 8 * GIB
    engine.unload()
    assert allocated() - before < SLACK
