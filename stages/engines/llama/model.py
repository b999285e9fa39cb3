"""A GGUF file -> a model that turns tokens into the scores of the next, by llama.cpp's own interface."""

import ctypes
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.engine_errors import EngineError, EngineMissing

LOG = logging.getLogger("parley.llama")
INSTALL = "pip install 'llama-cpp-python==0.3.36' (it is compiled: a C++ compiler must be there)"
BATCH = 512
"""Tokens of a prompt that are read at once."""
GPU_INSTALL = "CMAKE_ARGS=-DGGML_CUDA=on pip install --force-reinstall --no-cache-dir 'llama-cpp-python==0.3.36'"


class Stopped(Exception):
    """The work was broken off, as was wished."""


def library() -> Any:
    """Return llama.cpp, which speaks through our log from then on.

    Raises:
        EngineMissing: it is not installed.
    """
    try:
        import llama_cpp
    except ImportError as error:
        raise EngineMissing("llama_cpp", error.name or "llama-cpp-python", INSTALL) from error
    llama_cpp.llama_log_set(_logging(llama_cpp), None)
    return llama_cpp


_kept: list[Any] = []


def _logging(api: Any) -> Any:
    """Return the function that llama.cpp tells its news; it must live as long as the process."""
    if not _kept:

        def told(level: int, text: bytes, _: Any) -> None:
            # 3 is an error, 2 a warning; the rest fills pages at every load. An answer that was broken off is no error.
            said = text.decode(errors="replace").strip()
            level = 0 if said.startswith("decode: removing memory") else level
            LOG.log({3: logging.WARNING, 2: logging.INFO}.get(level, logging.DEBUG), "%s", said)

        _kept.append(api.llama_log_callback(told))
    return _kept[0]


class Model:
    """A loaded model with one context, for one thread."""

    def __init__(self, file: Path, window: int, threads: int, devices: Sequence[int], gpu_layers: int) -> None:
        self.api = library()
        """llama.cpp."""
        self._gone = threading.Event()
        self._held: list[int] = []
        self.api.llama_backend_init()
        self._model = self.api.llama_model_load_from_file(str(file).encode(), self._model_wish(devices, gpu_layers))
        if not self._model:
            raise EngineError(
                f"llama.cpp could not load {file}: it is no GGUF file, damaged, of a kind that this version does not "
                "know, or too large for the memory. The log says more."
            )
        self.vocab = self.api.llama_model_get_vocab(self._model)
        """What tokens there are."""
        trained = self.api.llama_model_n_ctx_train(self._model)
        self.window = min(window, trained) if trained > 0 else window
        """Tokens of prompt and answer together."""
        self.size = self.api.llama_vocab_n_tokens(self.vocab)
        """How many tokens there are."""
        # Kept as long as the context: llama.cpp calls it between the steps of its work.
        self._asks = self.api.ggml_abort_callback(lambda _: self._gone.is_set())
        self.context = self.api.llama_init_from_model(self._model, self._context_wish(threads))
        """What llama.cpp works in."""
        if not self.context:
            self.api.llama_model_free(self._model)
            raise EngineError(f"There is not enough memory for a window of {self.window} tokens. Choose a smaller one.")

    def close(self) -> None:
        """Give the memory back."""
        self.api.llama_free(self.context)
        self.api.llama_model_free(self._model)

    def use(self, gone: threading.Event) -> None:
        """Let an event break off what is computed."""
        self._gone = gone

    def template(self) -> str | None:
        """Return the chat template; None if the file has none."""
        found: bytes | None = self.api.llama_model_chat_template(self._model, None)
        return found.decode(errors="replace") if found else None

    def text_of(self, token: int) -> str:
        """Return how a special token is written; empty for none."""
        found: bytes | None = self.api.llama_vocab_get_text(self.vocab, token) if token >= 0 else b""
        return (found or b"").decode(errors="replace")

    def tokens(self, text: str, *, begins: bool = True, special: bool = False) -> list[int]:
        """Return a text as tokens, with that which begins a text where the model wants it."""
        data = text.encode()
        room = len(data) + 8
        made = (self.api.llama_token * room)()
        count = self.api.llama_tokenize(self.vocab, data, len(data), made, room, begins, special)
        if count < 0:
            raise EngineError("llama.cpp could not turn the text into tokens.")
        return list(made[:count])

    def piece(self, token: int) -> bytes:
        """Return the bytes of a token; none for one that only controls."""
        room = 256
        made = ctypes.create_string_buffer(room)
        count = self.api.llama_token_to_piece(self.vocab, token, made, room, 0, False)
        return made.raw[: max(0, count)]

    def is_end(self, token: int) -> bool:
        """Return whether a token ends an answer."""
        return bool(self.api.llama_vocab_is_eog(self.vocab, token))

    def read(self, prompt: Sequence[int], *, afresh: bool) -> None:
        """Read a prompt. What the last one shares with it need not be read again, unless `afresh`.

        Raises:
            Stopped: the event was set.
        """
        shared = 0 if afresh else min(_shared(self._held, prompt), len(prompt) - 1)
        memory = self.api.llama_get_memory(self.context)
        if not shared or not self.api.llama_memory_seq_rm(memory, 0, shared, -1):
            shared = 0
            self.api.llama_memory_clear(memory, True)
        self._held = list(prompt[:shared])
        for first in range(shared, len(prompt), BATCH):
            self.add(prompt[first : first + BATCH])

    def add(self, tokens: Sequence[int]) -> None:
        """Read some more tokens. Raises `Stopped`."""
        if self._gone.is_set():
            raise Stopped
        made = (self.api.llama_token * len(tokens))(*tokens)
        code = self.api.llama_decode(self.context, self.api.llama_batch_get_one(made, len(tokens)))
        if code:
            # What of it was read is not known.
            self._held = []
            if self._gone.is_set():
                raise Stopped
            raise EngineError(f"llama.cpp failed on {len(tokens)} tokens (code {code}).")
        self._held += tokens

    def scores(self) -> NDArray[np.float32]:
        """Return the log probabilities of the next token. Shape (size,)."""
        raw = np.ctypeslib.as_array(self.api.llama_get_logits_ith(self.context, -1), shape=(self.size,))
        shifted = raw.astype(np.float64) - raw.max()
        found: NDArray[np.float32] = (shifted - np.log(np.exp(shifted).sum())).astype(np.float32)
        return found

    def _model_wish(self, devices: Sequence[int], gpu_layers: int) -> Any:
        wish = self.api.llama_model_default_params()
        wish.n_gpu_layers = 0
        if not devices:
            return wish
        most = self.api.llama_max_devices()
        if not self.api.llama_supports_gpu_offload() or max(devices) >= most:
            raise EngineError(
                f"The engine llama_cpp was to run on GPU {max(devices)}, but this llama.cpp was built without GPUs. "
                f"Build it with them: {GPU_INSTALL}"
            )
        self._shares = (ctypes.c_float * most)(*(float(number in devices) for number in range(most)))
        wish.n_gpu_layers = 2**31 - 1 if gpu_layers < 0 else gpu_layers
        wish.main_gpu, wish.tensor_split = devices[0], self._shares
        return wish

    def _context_wish(self, threads: int) -> Any:
        wish = self.api.llama_context_default_params()
        wish.n_ctx, wish.n_batch, wish.n_ubatch = self.window, BATCH, BATCH
        wish.n_threads = wish.n_threads_batch = threads
        wish.abort_callback, wish.abort_callback_data = self._asks, None
        wish.no_perf = True
        return wish


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
