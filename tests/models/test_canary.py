"""Canary through the same contract as the embedded engines, and past the failures NeMo is known for."""

import re
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
import torch
from nemo.collections.asr.parts.utils.rnnt_utils import Hypothesis
from numpy.typing import NDArray

from stages.engine import EngineHost
from stages.engine_errors import CannotDo, EngineError, LanguageNotSpoken, ModelMissing
from stages.engines.canary import LANGUAGES, Canary, _words
from stages.heard import Wish
from tests.contracts import check_gathering, check_transcriber
from tests.models import tiny_canary

ENGLISH = Wish(language="en")


def answer(text: str, **fields: object) -> Hypothesis:
    """Return what NeMo answers."""
    made = Hypothesis(score=0.0, y_sequence=np.zeros(0), text=text)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def test_keeps_the_contract_of_transcribers(canary_folder: Path, speech: NDArray[np.float32]) -> None:
    check_transcriber(Canary(folder=canary_folder), speech)


@pytest.mark.anyio
async def test_says_the_same_whatever_the_call_holds(canary_folder: Path, speech: NDArray[np.float32]) -> None:
    await check_gathering(Canary(folder=canary_folder, batch=2), speech)


def test_takes_many_stretches_a_call_on_a_gpu_alone_unless_told() -> None:
    assert [Canary().card.together(devices) for devices in ((), (0,))] == [1, 32]
    assert [Canary(batch=4).card.together(devices) for devices in ((), (0,))] == [4, 4]


def test_words_have_times_from_the_aligner_and_confidence(canary_folder: Path, speech: NDArray[np.float32]) -> None:
    engine = Canary(folder=canary_folder)
    engine.load(())
    (heard,) = engine.transcribe([speech[: 20 * 16_000]], ENGLISH)
    assert heard.language == "en"
    assert len(heard.words) > 3
    assert {word.text for word in heard.words} <= set(tiny_canary.WORDS)
    assert all(word.confidence is not None and 0 < word.confidence < 1 for word in heard.words)
    starts = [word.start for word in heard.words if word.start is not None]
    assert len(starts) == len(heard.words)
    assert starts == sorted(starts) and starts[-1] > starts[0]


def test_a_translation_has_no_times(canary_folder: Path, speech: NDArray[np.float32]) -> None:
    engine = Canary(folder=canary_folder)
    engine.load(())
    (heard,) = engine.transcribe([speech[: 20 * 16_000]], Wish(language="en", target="de"))
    assert heard.language == "de"
    assert heard.words and all(word.start is None for word in heard.words)


def test_an_archive_without_aligner_gives_words_without_times(tmp_path: Path, speech: NDArray[np.float32]) -> None:
    tiny_canary.build(tmp_path / "plain.nemo", aligner=False)
    engine = Canary(folder=tmp_path)
    engine.load(())
    (heard,) = engine.transcribe([speech[: 20 * 16_000]], ENGLISH)
    assert heard.words and all(word.start is None for word in heard.words)


def test_a_model_that_hears_nothing_gives_no_words(tmp_path: Path, speech: NDArray[np.float32]) -> None:
    tiny_canary.build(tmp_path / "silent.nemo", eos=50.0)
    engine = Canary(folder=tmp_path)
    engine.load(())
    assert [heard.words for heard in engine.transcribe([speech[:48_000], speech[48_000:99_000]], ENGLISH)] == [(), ()]


def test_what_follows_a_control_token_is_noise() -> None:
    found = answer("yes <|endoftext|> no", word_confidence=[0.5, 0.6, 0.7])
    assert [(word.text, word.confidence) for word in _words(found)] == [("yes", 0.5)]


def test_text_that_does_not_fit_into_the_sound_has_no_times(canary_folder: Path, speech: NDArray[np.float32]) -> None:
    engine = Canary(folder=canary_folder)
    engine.load(())
    assert engine._aligner is not None
    many, one, none = engine._aligner.times([speech[:16_000]] * 3, [["yes"] * 40, ["yes"], []])
    assert many is None and none == []
    assert one is not None and 0 <= one[0][0] < one[0][1] <= 1.1


def test_times_are_those_of_nemo(canary_folder: Path, speech: NDArray[np.float32]) -> None:
    """NeMo's own alignment of the same words: the same frames, but for its rounding."""
    from nemo.collections.asr.parts.utils.timestamp_utils import get_forced_aligned_timestamps_with_external_model

    engine = Canary(folder=canary_folder)
    engine.load(())
    sounds = [speech[: 20 * 16_000], speech[100_000:190_000]]
    ours = engine.transcribe(sounds, ENGLISH)
    theirs = get_forced_aligned_timestamps_with_external_model(
        audio=[torch.from_numpy(sound) for sound in sounds],
        external_ctc_model=engine._model.timestamps_asr_model,
        main_model_predictions=[answer(" ".join(word.text for word in heard.words)) for heard in ours],
        timestamp_type=["word"],
        viterbi_device=torch.device("cpu"),
        verbose=False,
    )
    for heard, found in zip(ours, theirs, strict=True):
        assert len(heard.words) == len(found.timestamp["word"]) > 3
        for word, stamp in zip(heard.words, found.timestamp["word"], strict=True):
            assert (word.start, word.end) == pytest.approx((stamp["start"], stamp["end"]), abs=0.011)


def test_half_precision_says_nearly_the_same(canary_folder: Path, speech: NDArray[np.float32]) -> None:
    whole, half = (Canary(folder=canary_folder, precision=precision) for precision in ("float32", "bfloat16"))
    said: list[list[str]] = []
    for engine in (whole, half):
        engine.load(())
        said.append([word.text for heard in engine.transcribe([speech[:160_000]] * 2, ENGLISH) for word in heard.words])
    assert next(half._model.encoder.parameters()).dtype == torch.bfloat16
    assert SequenceMatcher(None, said[0], said[1]).ratio() > 0.5


def test_speaks_25_languages_and_translates_from_and_to_english() -> None:
    engine = Canary()
    assert len(LANGUAGES) == 25
    engine.check(Wish(language="de", target="en"))
    engine.check(Wish(language="en", target="uk"))
    engine.check(Wish(language="fr", target="fr"))
    with pytest.raises(CannotDo, match="from de to fr"):
        engine.check(Wish(language="de", target="fr"))
    with pytest.raises(CannotDo, match="which language"):
        engine.check(Wish())
    with pytest.raises(LanguageNotSpoken, match="'ja'"):
        engine.check(Wish(language="en", target="ja"))


def test_says_what_is_wrong_with_archive_and_device(tmp_path: Path, canary_folder: Path) -> None:
    absent = Canary(folder=tmp_path)
    assert not absent.on_disk()
    with pytest.raises(ModelMissing):
        absent.load(())
    (tmp_path / "cut.nemo").write_bytes((canary_folder / "canary-1b-v2.nemo").read_bytes()[:5_000])
    with pytest.raises(EngineError, match=re.escape("cut.nemo")):
        absent.load(())
    with pytest.raises(EngineError, match="GPU 63"):
        Canary(folder=canary_folder).load([63])
    with pytest.raises(EngineError, match="not loaded"):
        Canary(folder=canary_folder).transcribe([np.zeros(16_000, np.float32)], ENGLISH)


@pytest.mark.anyio
async def test_a_host_keeps_it_on_one_thread(canary_folder: Path, speech: NDArray[np.float32]) -> None:
    host = EngineHost(Canary(folder=canary_folder))
    assert host.state == "on_disk"
    (first,) = await host.call(Canary.transcribe, [speech[:160_000]], ENGLISH)
    assert host.state == "ready" and first.words
    await host.unload()
    assert host.state == "on_disk"
    await host.close()


@pytest.mark.anyio
async def test_a_host_tells_why_loading_failed(canary_folder: Path) -> None:
    host = EngineHost(Canary(folder=canary_folder), devices=[63])
    with pytest.raises(EngineError):
        await host.load()
    assert host.state == "failed"
    assert host.last_error is not None and "GPU 63" in host.last_error
    await host.load(())
    assert host.state == "ready" and host.last_error is None
    await host.close()
