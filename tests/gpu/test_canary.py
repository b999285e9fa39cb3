"""Canary-1B-v2 as large as it is, through the adapter's own way of loading it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.engine_errors import EngineError
from stages.engines.canary import Canary
from stages.heard import Heard, Wish
from tests.contracts import check_heard, check_transcriber
from tests.gpu.card import GIB, SLACK, allocated

ENGLISH = Wish(language="en")


def loaded(folder: Path, devices: Sequence[int]) -> Canary:
    from tests.models.forced import force_length

    engine = Canary(folder=folder)
    engine.load(devices)
    force_length(engine)
    return engine


def test_is_on_the_device_that_was_named(canary_folder: Path, devices: Sequence[int]) -> None:
    engine = loaded(canary_folder, devices)
    where = {weight.device.type for weight in engine._model.parameters()}
    where |= {weight.device.type for weight in engine._model.timestamps_asr_model.parameters()}
    assert where == {"cuda" if devices else "cpu"}
    engine.unload()


def test_batches_have_words_with_times_in_order(
    canary_folder: Path, devices: Sequence[int], sound: NDArray[np.float32]
) -> None:
    engine = loaded(canary_folder, devices)
    seconds = (6.0, 1.2, 9.5, 3.0, 7.7, 0.4, 2.1)
    stretches = [sound[: round(length * 16_000)] for length in seconds]
    for together in (stretches[:1], stretches, stretches * 5):
        answers = engine.transcribe(together, ENGLISH)
        check_heard(engine, together, answers)
        for heard, length in zip(answers, seconds * 5, strict=False):
            assert length - 0.5 <= len(heard.words) / 4 <= max(length, 1.0) + 0.5
            assert heard.words[0].start is not None, "4 tokens a second fit into any sound"
    engine.unload()


def test_says_the_same_as_on_a_cpu(
    tiny_folders: tuple[Path, Path], devices: Sequence[int], sound: NDArray[np.float32]
) -> None:
    stretches = [sound[:160_000], sound[160_000:240_000], sound[:48_000]]
    said: list[list[Heard]] = []
    for where in ((), devices):
        engine = Canary(folder=tiny_folders[0], precision="float32")
        engine.load(where)
        said.append(engine.transcribe(stretches, ENGLISH))
        engine.unload()
    for ours, theirs in zip(*said, strict=True):
        assert [word.text for word in ours.words] == [word.text for word in theirs.words]
        for one, other in zip(ours.words, theirs.words, strict=True):
            assert one.start == pytest.approx(other.start, abs=0.081)
            assert one.confidence == pytest.approx(other.confidence, abs=0.01)


def test_keeps_the_contract_of_transcribers(
    tiny_folders: tuple[Path, Path], devices: Sequence[int], sound: NDArray[np.float32]
) -> None:
    check_transcriber(Canary(folder=tiny_folders[0], precision="float32"), sound[: 24 * 16_000], devices)


def test_says_which_card_there_is_not(canary_folder: Path, devices: Sequence[int]) -> None:
    with pytest.raises(EngineError, match="GPU 63"):
        Canary(folder=canary_folder).load([63])


@pytest.mark.real_card
def test_takes_what_its_weights_weigh_and_gives_it_back(
    canary_folder: Path, devices: Sequence[int], sound: NDArray[np.float32]
) -> None:
    before = allocated()
    engine = loaded(canary_folder, devices)
    weights = allocated() - before
    # 978 and 600 million parameters: two bytes each, but for the aligner's head.
    assert 2.5 * GIB < weights < 4 * GIB
    engine.transcribe([sound[: 30 * 16_000]] * 32, ENGLISH)
    assert allocated() - before - weights < SLACK
    engine.unload()
    assert allocated() - before < SLACK
