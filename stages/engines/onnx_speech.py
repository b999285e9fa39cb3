"""onnx-asr: stretches of speech -> words by Canary, Parakeet or Whisper on onnxruntime, for a CPU or a small GPU."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.card import check_sure
from stages.engine import Card, Progress
from stages.engine_errors import CannotDo, EngineError, EngineMissing, LanguageNotSpoken, ModelMissing
from stages.engines.onnx_families import FAMILIES, MODELS, Family, files_of
from stages.heard import Heard, HeardWord, Wish
from stages.model_cache import fetch_model, find_model
from stages.speech import SAMPLE_RATE

PACKAGE = "onnx-asr==0.12.0"
COMMAND = ".venv/bin/python -m pip install '.[asr-onnx]'"
DEFAULT = "istupakov/parakeet-tdt-0.6b-v3-onnx"
SHORTEST = SAMPLE_RATE // 10
"""Samples under which nobody says a word."""
LAST_SECONDS = 0.16
"""How long the last token of a word lasts, where nothing follows: two frames of these models."""


class OnnxSpeech:
    """One stretch at a time, since batches of these exports disturb one another.

    Times are those of the model's own tokens (Parakeet). Canary and Whisper give none: an aligner times their words.
    """

    def __init__(
        self,
        model: str = DEFAULT,
        folder: Path | None = None,
        revision: str = "main",
        kind: str = "",
        languages: tuple[str, ...] = (),
        quantization: str = "int8",
        threads: int = 1,
        presumed: tuple[str, ...] = (),
        sure: float = 0.9,
    ) -> None:
        """Choose a model of the hub, or any other of a known `kind`; `quantization` "" takes the full weights.

        `presumed` are the languages that may be spoken where nobody says which, for a model that must be told.

        Raises:
            TypeError: the kind of the model is not known, or `sure` is no share.
        """
        known = MODELS.get(model)
        kind = kind or (known.kind if known else "")
        if kind not in FAMILIES:
            raise TypeError(f"the model {model} needs the option kind, one of {', '.join(FAMILIES)}")
        self.folder, self.kind, self.quantization, self.threads = folder, kind, quantization, threads
        self._family: Family = FAMILIES[kind]
        self.card = Card(
            engine="onnx",
            model=model,
            revision=revision,
            licence=known.licence if known else "see the model's page",
            attribution=f"{known.author if known else 'its authors'}, https://huggingface.co/{model}",
            languages=languages or (known.languages if known else self._family.languages),
            capabilities=frozenset({*self._family.capabilities}),
            presumed=presumed if self._family.must_be_told else (),
            sure=check_sure(sure),
        )
        self._model: Any = None

    def on_disk(self) -> bool:
        """Return whether all its files are here."""
        return self._find() is not None

    def download(self, progress: Progress, again: bool = False) -> None:
        """Fetch the files of this kind and quantization from the hub."""
        if self.folder is not None:
            raise ModelMissing(f"The folder {self.folder} lacks one of {', '.join(self._needed())}. Put it there.")
        wanted = files_of(self._family, self.quantization)
        fetch_model(self.card.model, self.card.revision, wanted, progress, again=again)

    def load(self, devices: Sequence[int]) -> None:
        """Open the networks on the first of the devices.

        Raises:
            EngineError: the files are damaged, or this onnxruntime knows no GPU.
        """
        folder = self._find()
        if folder is None:
            raise ModelMissing(f"The model {self.card.model} is not on this machine. Download it, or name its folder.")
        try:
            import onnx_asr
            import onnxruntime
        except ImportError as error:
            raise EngineMissing("onnx", PACKAGE, COMMAND) from error
        if devices and "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
            raise EngineError(
                "The installed onnxruntime knows no GPU. Install onnxruntime-gpu in its place, or load onnx on the CPU."
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        device = {"device_id": devices[0]} if devices else {}
        provider = ("CUDAExecutionProvider", device) if devices else "CPUExecutionProvider"
        try:
            loaded = onnx_asr.load_model(
                self.kind,
                folder,
                quantization=self.quantization or None,
                sess_options=options,
                providers=[provider],
            )
        except Exception as error:  # JSON, protobuf, onnxruntime: a foreign folder fails in many ways
            raise EngineError(f"The model in {folder} could not be loaded: {error}") from error
        self._model = loaded.with_timestamps()

    def unload(self) -> None:
        """Drop the networks."""
        self._model = None

    def check(self, wish: Wish) -> None:
        """Refuse languages that the model does not know, none where it must be told, and what it cannot translate."""
        spoken = wish.named or self.card.presumed
        for language in spoken:
            if language not in self.card.languages:
                raise LanguageNotSpoken("onnx", language, self.card.languages)
        if not spoken and self._family.must_be_told:
            raise CannotDo(
                f"The model {self.card.model} must be told which language is spoken, or which may be. Choose from "
                f"{', '.join(self.card.languages)}, or set the option `presumed` of the engine onnx."
            )
        if len(spoken) > 1 and not self._family.must_be_told:
            raise CannotDo(
                f"The model {self.card.model} tells by itself which language is spoken, or knows no other. Name one or "
                "none."
            )
        for source in spoken or (None,):
            self._check_target(source, wish.target)

    def _check_target(self, language: str | None, target: str | None) -> None:
        if target in (None, language):
            return
        if "translation" not in self._family.capabilities or "en" not in (language, target):
            raise CannotDo(
                f"The model {self.card.model} does not translate from {language} into {target}. "
                "Leave the target language out, or choose an engine that translates."
            )
        if target not in self.card.languages:
            raise LanguageNotSpoken("onnx", str(target), self.card.languages)

    def transcribe(self, stretches: Sequence[NDArray[np.float32]], wish: Wish) -> list[Heard]:
        """Turn each stretch into words.

        Raises:
            EngineError: the samples of a stretch are no numbers, or the runtime failed.
        """
        self.check(wish)
        if self._model is None:
            raise EngineError("The engine onnx is not loaded. Load it first.")
        return [self._hear(stretch, wish) for stretch in stretches]

    def _hear(self, stretch: NDArray[np.float32], wish: Wish) -> Heard:
        language = wish.target or wish.language
        if len(stretch) < SHORTEST:
            return Heard(words=(), language=language)
        if not np.isfinite(stretch).all():
            raise EngineError("The sound of this stretch is damaged: it holds values that are no numbers.")
        told: dict[str, Any] = {"language": wish.language} if self._family.takes_language else {}
        if "translation" in self._family.capabilities:
            told["target_language"] = wish.target or wish.language
        try:
            answer = self._model.recognize(np.ascontiguousarray(stretch, np.float32), sample_rate=SAMPLE_RATE, **told)
        except Exception as error:  # onnxruntime's own errors have no common class
            raise EngineError(f"The engine onnx could not process this stretch: {error}") from error
        complete = self._family.most_tokens is None or len(answer.tokens or ()) < self._family.most_tokens
        return Heard(tuple(_words(answer, len(stretch) / SAMPLE_RATE)), language, complete)

    def _needed(self) -> Sequence[str]:
        return [name for name in files_of(self._family, self.quantization) if name.endswith(".onnx")]

    def _find(self) -> Path | None:
        folder = self.folder or find_model(self.card.model, self.card.revision)
        if folder is None:
            return None
        return folder if all(any(folder.glob(f"**/{Path(name).name}")) for name in self._needed()) else None


def _words(answer: Any, duration: float) -> Iterator[HeardWord]:
    """Join tokens up to the next one that begins with a space; without usable tokens, split the text."""
    tokens: Sequence[str] = answer.tokens or ()
    groups: list[list[int]] = []
    for place, token in enumerate(tokens):
        if not groups or token.startswith(" "):
            groups.append([])
        groups[-1].append(place)
    texts = ["".join(tokens[place] for place in group).strip() for group in groups]
    groups = [group for group, text in zip(groups, texts, strict=True) if text]
    if [text for text in texts if text] != answer.text.split():
        yield from (HeardWord(text) for text in answer.text.split())
        return
    for group, text in zip(groups, filter(None, texts), strict=True):
        start, end = _times(answer.timestamps, group, len(tokens), duration)
        yield HeardWord(text, _confidence(answer.logprobs, group, len(tokens)), start, end)


def _times(
    stamps: Sequence[float] | None, group: Sequence[int], count: int, duration: float
) -> tuple[float, float] | tuple[None, None]:
    if stamps is None or len(stamps) != count:
        return None, None
    start, last = min(stamps[group[0]], duration), stamps[group[-1]]
    following = stamps[group[-1] + 1] if group[-1] + 1 < count else duration
    return start, min(max(start, min(last + LAST_SECONDS, following)), duration)


def _confidence(logs: Sequence[float] | None, group: Sequence[int], count: int) -> float | None:
    """Return the geometric mean of the tokens' probabilities; None where the model gives something else."""
    if logs is None or len(logs) != count:
        return None
    mean = sum(logs[place] for place in group) / len(group)
    return math.exp(mean) if math.isfinite(mean) and mean <= 0 else None
