"""Chats and texts on a CPU or GPU: GGUF models through llama.cpp, one answer at a time."""

import os
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stages.chat import JSON, ChatPath, Listener
from stages.engine import Card, Progress
from stages.engine_errors import EngineError, ModelMissing
from stages.engines.llama.answer import answer
from stages.engines.llama.asked import Unfit
from stages.engines.llama.header import trained_tokens
from stages.engines.llama.model import Model, Stopped
from stages.engines.llama.prompt import Template
from stages.engines.llama.shapes import refusal
from stages.model_cache import fetch_model, find_model

DEFAULT_MODEL = "Qwen/Qwen2.5-1.5B-Instruct-GGUF"
"""Small enough for a laptop (1.1 GB), knows tools, Apache-2.0."""
WINDOW = 8192
"""Tokens of prompt and answer together, where the model has as many."""
PART = re.compile(r"-\d{5}-of-\d{5}$")
"""How the first of several files of a model ends; llama.cpp finds the others."""


class LlamaCpp:
    """A `ChatEngine`: JSON schemas and tools by grammars, so that what is written fits; no pictures.

    Requests wait in line: one answer has all of the processor. What a prompt shares with the one before is not read
    again. Broken off, it stops within a step of the computation.
    """

    together = 1

    def __init__(
        self,
        file: Path | None = None,
        model: str = "",
        revision: str = "main",
        wanted: str = "*[qQ]4_[kK]_[mM]*.gguf",
        window: int = WINDOW,
        threads: int | None = None,
        gpu_layers: int = -1,
    ) -> None:
        self.file = file
        """A GGUF file, or a folder with one; None looks into the model cache for `wanted` of `model`."""
        self.revision, self.wanted = revision, wanted
        self.threads = threads or max(1, len(os.sched_getaffinity(0)) // 2)
        """CPU threads; None takes half of them, since what is twice as many is no faster."""
        self.gpu_layers = gpu_layers
        """Layers on the GPUs where there are any; -1 for all."""
        self._window = window
        self._loaded: tuple[Model, Template | None] | None = None
        self._line = ThreadPoolExecutor(1, thread_name_prefix="llama_cpp")
        hub = model or DEFAULT_MODEL
        self.card = Card(
            engine="llama_cpp",
            model=model or (PART.sub("", file.stem) if file is not None else hub),
            revision=revision if file is None else file.name,
            licence="Apache-2.0" if file is None and hub == DEFAULT_MODEL else "the model's own",
            attribution=f"https://huggingface.co/{hub}" if file is None else "whoever made the file",
            capabilities=frozenset({"streaming", "json_schema", "tools"}),
        )

    @property
    def window(self) -> int:
        """Return the tokens of prompt and answer together."""
        if self._loaded is not None:
            return self._loaded[0].window
        file = self._found()
        trained = None if file is None else trained_tokens(file)
        return min(self._window, trained or self._window)

    def on_disk(self) -> bool:
        """Return whether there is a file."""
        return self._found() is not None

    def download(self, progress: Progress, again: bool = False) -> None:
        """Fetch the file from the hub."""
        if self.file is not None:
            raise ModelMissing(f"There is no GGUF file at {self.file}. Put it there, or name another one.")
        fetch_model(self.card.model, self.revision, [self.wanted], progress, again=again)

    def load(self, devices: Sequence[int]) -> None:
        """Load the file; without GPUs everything is done by the CPU.

        Raises:
            EngineMissing: llama-cpp-python is not installed.
            EngineError: the file, the memory or the devices do not do.
        """
        file = self._found()
        if file is None:
            raise ModelMissing(f"The model {self.card.model} is not on this machine. Download it, or name its file.")
        made = Model(file, self._window, self.threads, devices, self.gpu_layers)
        source = made.template()
        begin, end = (made.text_of(token) for token in (made.api.llama_vocab_bos(made.vocab), _end(made)))
        self._loaded = made, None if source is None else Template(source, begin, end)

    def unload(self) -> None:
        """Give the memory back."""
        if self._loaded is not None:
            model, _ = self._loaded
            self._loaded = None
            # In line: the thread of the answers may not have left the last one yet.
            self._line.submit(model.close).result()

    def count(self, text: str) -> int:
        """Return how many tokens a text has."""
        model, _ = self._ready()
        return len(model.tokens(text, begins=False))

    def start(self, path: ChatPath, body: bytes, listener: Listener) -> Callable[[], None]:
        """Begin to answer, after those who came before."""
        gone = threading.Event()
        self._line.submit(self._answer, path, body, listener, gone)
        return gone.set

    def _answer(self, path: ChatPath, body: bytes, listener: Listener, gone: threading.Event) -> None:
        try:
            model, template = self._ready()
            model.use(gone)
            if not gone.is_set():
                answer(model, template, self.card.model, path, body, _Heeding(listener, gone))
            listener.end()
        except Stopped:
            listener.end()
        except Unfit as error:
            listener.begin(400, JSON)
            listener.part(refusal(error))
            listener.end()
        except EngineError as error:
            listener.end(error)
        except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
            listener.end(EngineError(f"The engine llama_cpp broke: {type(error).__name__}: {error}"))

    def _ready(self) -> tuple[Model, Template | None]:
        if self._loaded is None:
            raise EngineError("The engine llama_cpp is not loaded. Load it before use.")
        return self._loaded

    def _found(self) -> Path | None:
        if self.file is not None and self.file.is_file():
            return self.file
        folder = self.file or find_model(self.card.model, self.revision)
        pattern = "*.gguf" if self.file is not None else self.wanted
        return next(iter(sorted(folder.glob(pattern))), None) if folder is not None else None


class _Heeding:
    """A listener that breaks off whoever speaks to it, once nobody listens."""

    def __init__(self, listener: Listener, gone: threading.Event) -> None:
        self._listener, self._gone = listener, gone

    def begin(self, status: int, media_type: str) -> None:
        self._listener.begin(status, media_type)

    def part(self, block: bytes) -> None:
        if self._gone.is_set():
            raise Stopped
        self._listener.part(block)

    def end(self, error: EngineError | None = None) -> None:
        """Wait: the engine says so itself."""


def _end(model: Model) -> int:
    return int(model.api.llama_vocab_eos(model.vocab))
