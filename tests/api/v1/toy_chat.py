"""A chat engine without a model: it says back what it heard, word by word, as slowly as it is told."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from stages.chat import EVENTS, JSON, ChatPath, Listener
from stages.engine import Card, Progress
from stages.engine_errors import EngineDied, EngineError, EngineMissing


class ToyChat:
    """A `ChatEngine`."""

    card = Card(
        engine="toy",
        model="toy",
        revision="1",
        licence="Apache-2.0",
        attribution="Parley",
        capabilities=frozenset({"streaming"}),
    )
    window = 99
    together = 2

    def __init__(self, pause_seconds: float = 0.0, breaks_at: int = -1, installed: bool = True) -> None:
        self.pause_seconds = pause_seconds
        """Between two words."""
        self.breaks_at = breaks_at
        """Word at which it breaks."""
        self.installed = installed
        """Whether it can be loaded."""
        self.loads, self.is_dead = 0, False
        """How often it was loaded, and whether it has died since."""
        self.unloaded = threading.Event()
        """Set when it is."""
        self.stopped = threading.Event()
        """Set when it is broken off."""
        self.stopped_at = 0.0
        """When that was, by the clock of `time.perf_counter`."""

    def on_disk(self) -> bool:
        return True

    def download(self, progress: Progress, again: bool = False) -> None:
        progress(1, 1)

    def load(self, devices: Sequence[int]) -> None:
        if not self.installed:
            raise EngineMissing("toy", "toybox", "pip install toybox")
        self.loads, self.is_dead = self.loads + 1, False

    def unload(self) -> None:
        self.unloaded.set()

    def count(self, text: str) -> int:
        return len(text.split())

    def start(self, path: ChatPath, body: bytes, listener: Listener) -> Callable[[], None]:
        if self.is_dead:
            raise EngineDied("The toy is dead.")
        gone = threading.Event()
        threading.Thread(target=self._answer, args=(msgspec.json.decode(body), listener, gone)).start()
        return gone.set

    def _answer(self, asked: dict[str, Any], listener: Listener, gone: threading.Event) -> None:
        words = str(asked["messages"][-1]["content"]).split() if "messages" in asked else [str(asked["prompt"])]
        if "colour" in asked:
            listener.begin(400, JSON)
            listener.part(b'{"error": {"message": "No colours.", "type": "invalid_request_error", "param": "colour"}}')
            listener.end()
            return
        if not asked.get("stream"):
            message = {"role": "assistant", "content": " ".join(words), "refusal": None}
            choice = {"index": 0, "finish_reason": "stop", "logprobs": None, "message": message}
            said = {"object": "chat.completion", "choices": [choice], "usage": usage(words)}
            listener.begin(200, JSON)
            listener.part(msgspec.json.encode(HEAD | said))
            listener.end()
            return
        listener.begin(200, EVENTS)
        for number, word in enumerate(words):
            if gone.wait(self.pause_seconds):
                self.stopped_at = time.perf_counter()
                self.stopped.set()
                listener.end()
                return
            if number == self.breaks_at:
                listener.end(EngineError("The toy fell down."))
                return
            choice = {"index": 0, "finish_reason": None, "delta": {"content": f"{word} "}}
            listener.part(event({"choices": [choice]}))
        listener.part(event({"choices": [{"index": 0, "finish_reason": "stop", "delta": {}}]}))
        listener.part(event({"choices": [], "usage": usage(words)}) + b"data: [DONE]\n\n")
        listener.end()


HEAD = {"id": "chatcmpl-1", "created": 1, "model": "toy"}


def event(said: dict[str, Any]) -> bytes:
    """Return a chunk."""
    return b"data: " + msgspec.json.encode(HEAD | {"object": "chat.completion.chunk"} | said) + b"\n\n"


def usage(words: Sequence[str]) -> dict[str, int]:
    """Return what it took."""
    return {"prompt_tokens": len(words), "completion_tokens": len(words), "total_tokens": 2 * len(words)}
