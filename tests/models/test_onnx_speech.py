"""onnx-asr through the same contract as the embedded engines: Parakeet with its own times, Canary without any."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.engine_pool import Choice, EnginePool, UnknownEngine
from stages.engine_errors import CannotDo, EngineError, LanguageNotSpoken
from stages.engines.onnx_families import FAMILIES, MODELS, files_of
from stages.engines.onnx_speech import OnnxSpeech
from stages.heard import Wish
from tests.contracts import check_transcriber
from tests.hub import hub
from tests.models import tiny_onnx

ENGLISH = Wish(language="en")


@pytest.fixture(scope="session")
def parakeet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parakeet")
    tiny_onnx.parakeet(folder)
    return folder


@pytest.fixture(scope="session")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("onnx-canary")
    tiny_onnx.canary(folder)
    return folder


def parakeet_in(folder: Path) -> OnnxSpeech:
    return OnnxSpeech("tests/parakeet", folder, kind="nemo-conformer-ctc", quantization="")


def canary_in(folder: Path) -> OnnxSpeech:
    return OnnxSpeech("istupakov/canary-1b-v2-onnx", folder, quantization="")


def test_parakeet_keeps_the_contract_and_times_its_words(parakeet: Path, speech: NDArray[np.float32]) -> None:
    check_transcriber(parakeet_in(parakeet), speech)
    engine = parakeet_in(parakeet)
    engine.load(())
    (heard,) = engine.transcribe([speech[: 20 * 16_000]], Wish())
    assert len(heard.words) > 5
    assert {word.text for word in heard.words} <= set(tiny_onnx.WORDS)
    assert all(word.start is not None and word.confidence is not None for word in heard.words)
    assert heard.words[0].start != heard.words[-1].start


def test_canary_keeps_the_contract_and_leaves_times_to_an_aligner(canary: Path, speech: NDArray[np.float32]) -> None:
    class TwoLanguages(OnnxSpeech):
        """The tiny vocabulary knows English and German only."""

    engine = TwoLanguages("istupakov/canary-1b-v2-onnx", canary, languages=("en", "de"), quantization="")
    check_transcriber(engine, speech)
    engine.load(())
    (heard,) = engine.transcribe([speech[: 20 * 16_000]], ENGLISH)
    assert heard.words and all(word.start is None for word in heard.words)
    (german,) = engine.transcribe([speech[: 20 * 16_000]], Wish(language="en", target="de"))
    assert german.language == "de" and german.words


def test_what_a_model_cannot_do_is_refused(canary: Path) -> None:
    engine = canary_in(canary)
    with pytest.raises(CannotDo, match="must be told"):
        engine.check(Wish())
    with pytest.raises(CannotDo, match="from de into fr"):
        engine.check(Wish(language="de", target="fr"))
    with pytest.raises(LanguageNotSpoken):
        engine.check(Wish(language="ja"))
    with pytest.raises(UnknownEngine, match="needs the option kind"):
        EnginePool({"asr": Choice(engine="onnx", options={"model": "someone/else"})}).host("asr")


def test_a_damaged_folder_and_a_gpu_that_is_not_there_are_told(tmp_path: Path, parakeet: Path) -> None:
    tiny_onnx.parakeet(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no network")
    with pytest.raises(EngineError, match="could not be loaded"):
        parakeet_in(tmp_path).load(())
    (tmp_path / "model.onnx").unlink()
    assert not parakeet_in(tmp_path).on_disk()
    with pytest.raises(EngineError, match="onnxruntime-gpu"):
        parakeet_in(parakeet).load([0])
    engine = parakeet_in(parakeet)
    engine.load(())
    with pytest.raises(EngineError, match="no numbers"):
        engine.transcribe([np.full(16_000, np.nan, np.float32)], ENGLISH)


def test_it_fetches_the_files_of_its_kind_and_no_others(
    parakeet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path))
    files = {path.name: path.read_bytes() for path in parakeet.iterdir()}
    with hub({**files, "model.int8.onnx": b"small", "README.md": b"#"}) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        engine = OnnxSpeech("tests/parakeet", kind="nemo-conformer-ctc", quantization="")
        engine.download(lambda done, total: None)
        assert engine.on_disk()
        assert {name for name, _ in running.files_asked} == {"model.onnx", "vocab.txt", "config.json"}
        assert not OnnxSpeech("tests/parakeet", kind="nemo-conformer-ctc").on_disk()
    engine.load(())


def test_every_model_of_the_hub_has_a_kind_and_files() -> None:
    for model in MODELS.values():
        assert files_of(FAMILIES[model.kind], "int8")[0].endswith("?int8.onnx")
        assert all(len(language) == 2 for language in model.languages)
