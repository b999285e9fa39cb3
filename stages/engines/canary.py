"""Canary (NeMo): stretches of speech in 25 European languages -> words with times and confidence, also translated."""

import contextlib
import math
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.card import check_sure
from stages.engine import Card, Progress
from stages.engine_errors import CannotDo, EngineError, EngineMissing, LanguageNotSpoken, ModelMissing
from stages.engines.canary_aligner import CanaryAligner
from stages.engines.nemo_precision import Precision, halve, halved
from stages.engines.torch_device import free_memory, lane, on_device, torch_device
from stages.heard import Heard, HeardWord, Wish
from stages.model_cache import fetch_model, find_model
from stages.speech import SAMPLE_RATE

PACKAGE = "nemo_toolkit[asr]==3.0.0"
LANGUAGES = tuple("bg hr cs da nl en et fi fr de el hu it lv lt mt pl pt ro ru sk sl es sv uk".split())
"""Source: the model card of canary-1b-v2."""
PIVOT = "en"
"""Translation goes from or to this language."""
BATCH, BATCH_GPU = 8, 32
"""Stretches decoded side by side, unless told otherwise."""
SHORTEST = SAMPLE_RATE
"""Samples to which shorter stretches are padded, as NeMo pads short files: normalisation needs some frames."""
CONTROL = re.compile(r"<\|[^|]*\|>")
"""A token that is no speech; what follows the first one in an answer is noise."""


class Canary:
    """Greedy decoding of batches of stretches, explicit about language and device.

    Word times come from the aligner in the model's archive and exist for all words of a stretch or for none: none where
    the archive has no aligner, where the text does not fit into the sound, and for translations.
    """

    def __init__(
        self,
        model: str = "nvidia/canary-1b-v2",
        folder: Path | None = None,
        revision: str = "main",
        precision: Precision = "auto",
        batch: int | None = None,
        presumed: tuple[str, ...] = (),
        sure: float = 0.9,
    ) -> None:
        """`presumed` are the languages that may be spoken where nobody says which, the likeliest first.

        Raises:
            TypeError: one of them is none of the 25, or `sure` is no share.
        """
        if unknown := set(presumed) - set(LANGUAGES):
            raise TypeError(f"presumed names {', '.join(sorted(unknown))}; the languages are {', '.join(LANGUAGES)}")
        self.folder = folder
        """Where its .nemo archive lies; None looks into the model cache."""
        self.precision = precision
        """Of the weights."""
        self.batch = batch
        """Stretches decoded side by side; None leaves it to the device."""
        self.card = Card(
            engine="canary",
            model=model,
            revision=revision,
            licence="CC-BY-4.0",
            attribution=f"NVIDIA, https://huggingface.co/{model}",
            languages=LANGUAGES,
            capabilities=frozenset({"word_times", "translation", "language_by_score"}),
            presumed=presumed,
            sure=check_sure(sure),
            batch=batch or 1,
            batch_gpu=batch or BATCH_GPU,
        )
        self._model: Any = None
        self._aligner: CanaryAligner | None = None
        self._together = BATCH
        self._lane: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext

    def on_disk(self) -> bool:
        """Return whether there is an archive."""
        return self._archive() is not None

    def download(self, progress: Progress, again: bool = False) -> None:
        """Fetch the archive from the hub."""
        if self.folder is not None:
            raise ModelMissing(f"There is no .nemo archive in {self.folder}. Put it there, or leave the folder unset.")
        fetch_model(self.card.model, self.card.revision, ["*.nemo"], progress, again=again)

    def load(self, devices: Sequence[int]) -> None:
        """Unpack the archive and put the model on its device.

        Raises:
            EngineError: the archive is damaged, or the device does not hold it.
        """
        archive = self._archive()
        if archive is None:
            raise ModelMissing(f"The model {self.card.model} is not on this machine. Download it, or name its folder.")
        try:
            from nemo.collections.asr.models import ASRModel
            from nemo.utils import logging
        except ImportError as error:
            raise EngineMissing("canary", PACKAGE, f"pip install '{PACKAGE}'") from error
        except OSError as error:
            raise EngineError(f"NeMo cannot be loaded: {error}. Install torch and torchaudio of one build.") from error
        logging.setLevel(logging.ERROR)
        device = torch_device("canary", devices)
        try:
            with on_device(device):
                model = ASRModel.restore_from(str(archive), map_location=device)
                aligner = model.timestamps_asr_model
                half = halved(device, self.precision)
                if half:
                    halve(model, "encoder", "encoder_decoder_proj", "transf_encoder", "transf_decoder", "log_softmax")
                self._aligner = None if aligner is None else CanaryAligner(aligner, device, half)
        except Exception as error:  # tar, YAML, pickle, hydra, torch: a foreign archive fails in many ways
            raise EngineError(f"The archive {archive} could not be loaded on {device}: {error}") from error
        model.eval()
        model.freeze()
        _ask_for_confidence(model)
        free_memory()  # what full precision took
        self._model = model
        self._lane = lane("canary", device, urgent=True)
        self._together = self.batch or (BATCH if device == "cpu" else BATCH_GPU)

    def unload(self) -> None:
        """Drop the model."""
        self._model = self._aligner = None
        free_memory()

    def check(self, wish: Wish) -> None:
        """Refuse languages other than the 25, an unnamed one, and translation neither from nor to English."""
        spoken = wish.named or self.card.presumed
        for language in (*spoken, wish.target):
            if language is not None and language not in LANGUAGES:
                raise LanguageNotSpoken("canary", language, LANGUAGES)
        if not spoken:
            raise CannotDo(
                "The engine canary must be told which language is spoken, or which may be. Choose from "
                f"{', '.join(LANGUAGES)}, or set its option `presumed`."
            )
        for language in spoken:
            if wish.target not in (None, language) and PIVOT not in (language, wish.target):
                raise CannotDo(
                    f"The engine canary translates from and to English only, not from {language} to {wish.target}."
                )

    def transcribe(self, stretches: Sequence[NDArray[np.float32]], wish: Wish) -> list[Heard]:
        """Turn each stretch into words.

        Raises:
            EngineError: the device ran out of memory, or the model failed on these samples.
        """
        self.check(wish)
        if wish.language is None:
            raise CannotDo("The engine canary hears one language at a time. Name it.")
        if self._model is None:
            raise EngineError("The engine canary is not loaded. Load it first.")
        if not stretches:
            return []
        target = wish.target or wish.language
        sounds = [np.pad(stretch, (0, max(0, SHORTEST - len(stretch)))) for stretch in stretches]
        # Neighbours of one length lose no time on padding.
        order = sorted(range(len(sounds)), key=lambda place: -len(sounds[place]))
        found: dict[int, tuple[HeardWord, ...]] = {}
        for first in range(0, len(order), self._together):
            places = order[first : first + self._together]
            with self._lane():
                found |= zip(places, self._hear([sounds[place] for place in places], wish), strict=True)
        return [
            Heard(words=_within(found[place], len(stretch) / SAMPLE_RATE), language=target)
            for place, stretch in enumerate(stretches)
        ]

    def _hear(self, sounds: Sequence[NDArray[np.float32]], wish: Wish) -> list[tuple[HeardWord, ...]]:
        """Return the words of sounds that are decoded side by side."""
        try:
            heard = [_words(answer) for answer in self._decode(sounds, wish)]
            if self._aligner is None or wish.target not in (None, wish.language):
                return heard
            times = self._aligner.times(sounds, [[word.text for word in words] for words in heard])
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"The engine canary failed on {len(sounds)} stretches: {error}") from error
        return [
            words if found is None else tuple(map(_timed, words, found))
            for words, found in zip(heard, times, strict=True)
        ]

    def _decode(self, sounds: Sequence[NDArray[np.float32]], wish: Wish) -> list[Any]:
        from nemo.collections.asr.models.aed_multitask_models import MultiTaskTranscriptionConfig

        slots = {"source_lang": wish.language, "target_lang": wish.target or wish.language, "pnc": "yes"}
        config = MultiTaskTranscriptionConfig(
            batch_size=len(sounds),
            return_hypotheses=True,
            num_workers=0,
            verbose=False,
            prompt=slots | {"timestamp": "no"},
            # One stretch alone would be taken for a long file and cut again.
            enable_chunking=False,
        )
        return list(self._model.transcribe(list(sounds), override_config=config, timestamps=False))

    def _archive(self) -> Path | None:
        folder = self.folder or find_model(self.card.model, self.card.revision)
        return next(iter(sorted(folder.glob("*.nemo"))), None) if folder is not None else None


def _ask_for_confidence(model: Any) -> None:
    """Decode greedily and keep the probability of each word, unless the archive wants a real beam search."""
    from omegaconf import OmegaConf

    wanted = model.cfg.decoding
    if wanted.strategy == "beam" and wanted.beam.beam_size > 1:
        return
    delta = wanted[wanted.strategy if wanted.strategy in wanted else "beam"].get("max_generation_delta", -1)
    confidence = {"preserve_word_confidence": True, "aggregation": "prod", "method_cfg": {"name": "max_prob"}}
    greedy = {"strategy": "greedy", "greedy": {"max_generation_delta": delta}, "confidence_cfg": confidence}
    model.change_decoding_strategy(OmegaConf.create(greedy))


def _words(answer: Any) -> tuple[HeardWord, ...]:
    """Return the words of a hypothesis, with confidence where there is one for each word."""
    written = answer.text.split()
    sure = answer.word_confidence
    if sure is None or len(sure) != len(written) or any(math.isnan(float(share)) for share in sure):
        sure = [None] * len(written)
    return tuple(
        HeardWord(text, None if share is None else min(1.0, max(0.0, float(share))))
        for text, share in zip(CONTROL.split(answer.text)[0].split(), sure, strict=False)
    )


def _timed(word: HeardWord, times: tuple[float, float]) -> HeardWord:
    return msgspec.structs.replace(word, start=times[0], end=times[1])


def _within(words: tuple[HeardWord, ...], duration: float) -> tuple[HeardWord, ...]:
    """Let no word pass the end of the stretch: what was padded has no words, but frames are long."""
    return tuple(
        word
        if word.start is None or word.end is None
        else _timed(word, (min(word.start, duration), min(word.end, duration)))
        for word in words
    )
