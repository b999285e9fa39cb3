import sys
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.engine_errors import EngineError, EngineMissing, ModelMissing
from stages.engines.silero import FRAME, Silero
from tests.sounds import shipped, speech


@pytest.fixture(scope="module")
def silero() -> Iterator[Silero]:
    engine = Silero()
    engine.load(())
    yield engine
    engine.unload()


@pytest.fixture(scope="module")
def reading() -> NDArray[np.float32]:
    return speech(shipped("two_cities.wav"))[: 300 * FRAME]


def test_speech_is_likely_and_silence_is_not(silero: Silero, reading: NDArray[np.float32]) -> None:
    spoken, _ = silero.listen(reading, silero.fresh())
    silent, _ = silero.listen(np.zeros(300 * FRAME, np.float32), silero.fresh())
    assert spoken.shape == (300,)
    assert np.median(spoken[60:]) > 0.9
    assert silent.max() < 0.1


@pytest.mark.parametrize("frames", [1, 4, 31, 299])
def test_blocks_of_any_size_give_the_same_answer(silero: Silero, reading: NDArray[np.float32], frames: int) -> None:
    whole, last = silero.listen(reading, silero.fresh())
    state, parts = silero.fresh(), []
    for first in range(0, 300, frames):
        likely, state = silero.listen(reading[first * FRAME : (first + frames) * FRAME], state)
        parts.append(likely)
    assert np.array_equal(np.concatenate(parts), whole)
    assert np.array_equal(state.hidden, last.hidden)
    assert np.array_equal(state.context, last.context)


def test_streams_do_not_disturb_one_another(silero: Silero, reading: NDArray[np.float32]) -> None:
    alone, _ = silero.listen(reading, silero.fresh())
    first, mine = silero.listen(reading[: 100 * FRAME], silero.fresh())
    silero.listen(reading[150 * FRAME :], silero.fresh())
    second, _ = silero.listen(reading[100 * FRAME :], mine)
    assert np.array_equal(np.concatenate((first, second)), alone)


def test_no_sound_changes_nothing(silero: Silero) -> None:
    state = silero.fresh()
    likely, after = silero.listen(np.zeros(0, np.float32), state)
    assert likely.size == 0
    assert after is state


def test_only_whole_frames_are_heard(silero: Silero) -> None:
    with pytest.raises(ValueError, match="whole frames of 512"):
        silero.listen(np.zeros(FRAME + 1, np.float32), silero.fresh())


def test_an_engine_that_is_not_loaded_says_so() -> None:
    engine = Silero()
    with pytest.raises(EngineError, match="before it was loaded"):
        engine.listen(np.zeros(FRAME, np.float32), engine.fresh())


def test_the_model_comes_with_its_package() -> None:
    told: list[tuple[int, int | None]] = []
    engine = Silero()
    assert engine.on_disk()
    engine.download(lambda done, total: told.append((done, total)))
    ((done, total),) = told
    assert done == total
    assert done > 1_000_000
    assert "silero_vad" not in sys.modules


def test_a_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "silero_vad", None)
    engine = Silero()
    assert not engine.on_disk()
    with pytest.raises(EngineMissing, match=r"pip install --no-deps silero-vad==6\.2\.3"):
        engine.download(lambda done, total: None)
    with pytest.raises(ModelMissing, match=r"pip install --no-deps silero-vad==6\.2\.3"):
        engine.load(())


def test_a_missing_runtime_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EngineMissing, match="pip install onnxruntime"):
        Silero().load(())


def test_the_card_names_the_model_and_its_licence() -> None:
    card = Silero().card
    assert (card.engine, card.model, card.revision, card.licence) == ("silero", "silero-vad", "6.2.3", "MIT")
