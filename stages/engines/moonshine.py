"""Moonshine tiny: stretches of English speech -> words with confidence, on plain onnxruntime."""

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.engine import Card, Progress
from stages.engine_errors import CannotDo, EngineError, EngineMissing, LanguageNotSpoken
from stages.speech import SAMPLE_RATE
from stages.transcribe import Heard, HeardWord, Wish

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

PACKAGE = "moonshine_voice"
INSTALL = "pip install --no-deps moonshine-voice==0.0.73"
"""The last release whose wheel carries the weights; its own dependencies are for a microphone and are not needed."""

ENCODER, DECODER, TOKENS = "encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"

SHORTEST = 1_600
"""Samples below which there is nothing to hear: the encoder needs 895 of them for its first frame."""
STRIDE = 384
"""Samples behind one encoder frame: the convolutions stride by 64, 3 and 2. The decoder wants its mask in samples."""
FIRST, LAST = 1, 2
"""Ids of the tokens that begin and end every text."""
VOCABULARY = 32_768
"""Tokens that the decoder knows."""
LAYERS, HEADS, WIDTH = 6, 8, 36
"""Of the decoder's attention, which fixes the shape of its cache."""
TOKENS_PER_SECOND = 10
"""More is a loop. The model's authors cut at 6.5, but of 22 sentences read at 5.3 words a second, as fast as hurried
people, that cut 11 short; at 6.5 words a second the densest took 8.9. Loops are found by what they repeat."""
TOKENS_AT_LEAST = 10
"""Tokens that any stretch may take: a hasty "I don't know." in half a second needs eight."""


class Spoken(msgspec.Struct, frozen=True):
    """What the decoder said."""

    tokens: list[int]
    """Without the first and the last one."""
    logs: list[float]
    """Natural logarithm of the probability of each token, and of the end if it came."""
    complete: bool
    """False where the cap on tokens ended it."""


class Moonshine:
    """Greedy decoding of one stretch at a time, always the same for the same samples.

    Stretches are not decoded side by side: the decoder's weights are 8-bit and its activations are scaled over the
    whole batch, so neighbours change a text; and on one thread a batch of four was 9 % slower than one after the other.
    It runs on the CPU, on whatever devices it is loaded.
    """

    card = Card(
        engine="moonshine",
        model="UsefulSensors/moonshine-tiny",
        revision="moonshine-voice 0.0.73, tiny-en",
        licence="MIT",
        attribution="Moonshine AI (Useful Sensors), https://github.com/moonshine-ai/moonshine",
        languages=("en",),
        memory=150_000_000,
    )

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        """Where the model's three files lie; None looks into the package that carries them."""
        self._encoder: InferenceSession | None = None
        self._decoder: InferenceSession | None = None
        self._pieces: list[bytes] = []

    def on_disk(self) -> bool:
        """Return whether the package with the weights is installed."""
        folder = self._find()
        return folder is not None and all((folder / name).is_file() for name in (ENCODER, DECODER, TOKENS))

    def download(self, progress: Progress, again: bool = False) -> None:
        """Refuse: the weights come with a package.

        Raises:
            EngineMissing: the package is not installed, or is a release without weights.
        """
        if not self.on_disk():
            raise EngineMissing(self.card.engine, "moonshine-voice 0.0.73 (later ones carry no weights)", INSTALL)
        progress(1, 1)

    def load(self, devices: Sequence[int]) -> None:
        """Open both networks and the list of tokens."""
        folder = self._find()
        if folder is None or not self.on_disk():
            raise EngineMissing(self.card.engine, "moonshine-voice 0.0.73 (later ones carry no weights)", INSTALL)
        try:
            import onnxruntime
        except ImportError as error:
            raise EngineMissing(self.card.engine, "onnxruntime", "pip install onnxruntime") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        cpu = ["CPUExecutionProvider"]
        try:
            self._encoder = onnxruntime.InferenceSession(folder / ENCODER, options, providers=cpu)
            self._decoder = onnxruntime.InferenceSession(folder / DECODER, options, providers=cpu)
            self._pieces = list(_pieces((folder / TOKENS).read_bytes()))
            if len(self._pieces) != VOCABULARY:
                raise ValueError(f"{TOKENS} holds {len(self._pieces)} tokens instead of {VOCABULARY}")
        except Exception as error:
            self.unload()
            raise EngineError(
                f"The files of moonshine in {folder} cannot be read. Install them again: {INSTALL}"
            ) from error

    def unload(self) -> None:
        """Drop both networks."""
        self._encoder = self._decoder = None
        self._pieces = []

    def check(self, wish: Wish) -> None:
        """Accept English, written down as spoken, and nothing else."""
        for language in wish.named:
            if language not in self.card.languages:
                raise LanguageNotSpoken(self.card.engine, language, self.card.languages)
        if wish.target not in (None, *self.card.languages):
            raise CannotDo(
                f"The engine moonshine cannot translate into {wish.target!r}: it writes English as it was said. "
                "Leave the target language out, or choose an engine that translates."
            )

    def transcribe(self, stretches: Sequence[NDArray[np.float32]], wish: Wish) -> list[Heard]:
        """Turn each stretch into words.

        Raises:
            EngineError: the samples of a stretch are no numbers, or the runtime failed.
        """
        self.check(wish)
        return [self._hear(stretch) for stretch in stretches]

    def _find(self) -> Path | None:
        if self.folder is not None:
            return self.folder
        found = importlib.util.find_spec(PACKAGE)
        return Path(found.origin).parent / "assets" / "tiny-en" if found and found.origin else None

    def _hear(self, stretch: NDArray[np.float32]) -> Heard:
        if len(stretch) < SHORTEST:
            return Heard(words=(), language="en")
        if not np.isfinite(stretch).all():
            raise EngineError("The sound of this stretch is damaged: it holds values that are no numbers.")
        spoken = self._decode(stretch)
        return Heard(tuple(self._words(spoken)), language="en", complete=spoken.complete)

    def _decode(self, stretch: NDArray[np.float32]) -> Spoken:
        """Say the likeliest next token until the end, keeping what attention needs of the past."""
        assert self._encoder is not None and self._decoder is not None, "load() comes first"
        wave = stretch[None].astype(np.float32)
        (frames,) = _run(self._encoder, None, {"input_values": wave, "attention_mask": np.ones(wave.shape, np.int64)})
        mask = np.ones((1, frames.shape[1] * STRIDE), np.int64)
        feed: dict[str, Any] = {"encoder_hidden_states": frames, "encoder_attention_mask": mask} | _empty_cache()
        names = ["logits", *(name.replace("past_key_values", "present") for name in _empty_cache())]
        said, tokens, logs = FIRST, list[int](), list[float]()
        for step in range(max(TOKENS_AT_LEAST, int(len(stretch) / SAMPLE_RATE * TOKENS_PER_SECOND))):
            feed |= {"input_ids": np.array([[said]], np.int64), "use_cache_branch": np.array([step > 0])}
            logits, *cache = _run(self._decoder, names, feed)
            feed |= {
                name.replace("present", "past_key_values"): new for name, new in zip(names[1:], cache, strict=True)
            }
            if not step:
                names = [name for name in names if ".encoder." not in name]
            said, log = _likeliest(logits[0, -1])
            logs.append(log)
            if said == LAST:
                return Spoken(tokens, logs, complete=True)
            tokens.append(said)
        return Spoken(tokens, logs, complete=False)

    def _words(self, spoken: Spoken) -> Iterator[HeardWord]:
        """Join pieces up to the next one that begins with a space."""
        written, logs = b"", list[float]()
        for token, log in zip(spoken.tokens, spoken.logs, strict=False):
            piece = self._pieces[token]
            if piece.startswith(b" ") and written.strip():
                yield _word(written, logs)
                written, logs = b"", []
            written += piece
            logs.append(log)
        if written.strip():
            yield _word(written, logs)


def _run(network: "InferenceSession", names: Sequence[str] | None, feed: dict[str, Any]) -> list[NDArray[np.float32]]:
    try:
        outputs: list[NDArray[np.float32]] = network.run(names, feed)
    except Exception as error:
        raise EngineError(f"Moonshine could not process this stretch: {error}") from error
    return outputs


def _word(written: bytes, logs: list[float]) -> HeardWord:
    """Build a word whose confidence is the geometric mean of its tokens' probabilities."""
    return HeardWord(written.decode("utf-8", "replace").strip(), confidence=float(np.exp(np.mean(logs))))


def _likeliest(logits: NDArray[np.float32]) -> tuple[int, float]:
    """Return the likeliest token and the natural logarithm of its probability."""
    best = int(logits.argmax())
    return best, -float(np.log(np.exp(logits - logits[best]).sum()))


def _empty_cache() -> dict[str, NDArray[np.float32]]:
    none = np.zeros((1, HEADS, 0, WIDTH), np.float32)
    names = (
        (layer, side, part) for layer in range(LAYERS) for side in ("decoder", "encoder") for part in ("key", "value")
    )
    return {f"past_key_values.{layer}.{side}.{part}": none for layer, side, part in names}


def _pieces(table: bytes) -> Iterator[bytes]:
    """Read byte strings, each behind its length: one byte, or two from 128 on. They write a space as U+2581."""
    place = 0
    while place < len(table):
        length = table[place]
        place += 1
        if length >= 128:
            length += 128 * (table[place] - 1)
            place += 1
        yield table[place : place + length].replace("\u2581".encode(), b" ")
        place += length
