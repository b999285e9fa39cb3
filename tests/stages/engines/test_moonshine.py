import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.score import word_errors
from stages.engine_errors import EngineError, EngineMissing
from stages.engines.moonshine import DECODER, ENCODER, TOKENS, Moonshine
from stages.speech import SAMPLE_RATE
from stages.transcribe import Heard, Wish
from tests.contracts import check_transcriber
from tests.sounds import shipped, speech

OPENING = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age"


@pytest.fixture(scope="module")
def moonshine() -> Iterator[Moonshine]:
    engine = Moonshine()
    engine.load(())
    yield engine
    engine.unload()


@pytest.fixture(scope="module")
def reading() -> NDArray[np.float32]:
    return speech(shipped("two_cities.wav"))


def text(heard: Heard) -> str:
    return " ".join(word.text for word in heard.words)


def test_it_keeps_the_contract_of_a_transcriber(reading: NDArray[np.float32]) -> None:
    check_transcriber(Moonshine(), reading[: 12 * SAMPLE_RATE])


def test_it_writes_what_a_reader_says(moonshine: Moonshine, reading: NDArray[np.float32]) -> None:
    (heard,) = moonshine.transcribe([reading[: 8 * SAMPLE_RATE]], Wish())
    assert word_errors(OPENING, text(heard)).errors <= 2
    assert heard.complete
    assert heard.language == "en"
    assert np.mean([word.confidence for word in heard.words if word.confidence is not None]) > 0.8


def test_thirty_seconds_are_not_too_long(moonshine: Moonshine, reading: NDArray[np.float32]) -> None:
    (heard,) = moonshine.transcribe([reading[: 30 * SAMPLE_RATE]], Wish())
    assert text(heard).startswith("It was the best of times")
    assert len(heard.words) > 70


def test_a_growing_stretch_keeps_its_beginning(moonshine: Moonshine, reading: NDArray[np.float32]) -> None:
    texts = [text(moonshine.transcribe([reading[: at * SAMPLE_RATE]], Wish())[0]) for at in (5, 6, 7)]
    assert all(one.startswith("It was the best of times") for one in texts)


@pytest.mark.parametrize("samples", [0, 1, 894, 895, 1_600])
def test_hardly_any_sound_says_hardly_anything(moonshine: Moonshine, samples: int) -> None:
    (heard,) = moonshine.transcribe([np.zeros(samples, np.float32)], Wish())
    assert len(heard.words) <= 10


def test_damaged_samples_are_refused(moonshine: Moonshine) -> None:
    with pytest.raises(EngineError, match="no numbers"):
        moonshine.transcribe([np.full(SAMPLE_RATE, np.nan, np.float32)], Wish())


def test_a_release_without_weights_names_the_one_that_has_them(tmp_path: Path) -> None:
    engine = Moonshine(tmp_path)
    assert not engine.on_disk()
    with pytest.raises(EngineMissing, match=r"pip install .*moonshine-voice==0\.0\.73"):
        engine.load(())
    with pytest.raises(EngineMissing, match=r"pip install .*moonshine-voice==0\.0\.73"):
        engine.download(lambda done, total: None)


@pytest.mark.parametrize("broken", [ENCODER, DECODER, TOKENS])
def test_a_broken_file_is_an_error_that_says_what_to_do(tmp_path: Path, broken: str) -> None:
    for name in (ENCODER, DECODER, TOKENS):
        shutil.copy(shipped("tiny-en") / name, tmp_path / name)
    (tmp_path / broken).write_bytes((tmp_path / broken).read_bytes()[:1_000] + b"\x80")
    with pytest.raises(EngineError, match="Install them again"):
        Moonshine(tmp_path).load(())
