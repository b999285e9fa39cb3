"""The seam of language models: a request in OpenAI's shape -> its answer in that shape, whole or in chunks."""

from collections.abc import Callable
from typing import Literal, Protocol

from stages.engine import Engine
from stages.engine_errors import EngineError

ChatPath = Literal["/v1/chat/completions", "/v1/completions"]
"""What can be asked."""
EVENTS, JSON = "text/event-stream", "application/json"
"""Media types of a streamed and of a whole answer."""


class Listener(Protocol):
    """Takes an answer. Everything returns at once, and may be called from any thread."""

    def begin(self, status: int, media_type: str) -> None:
        """Hear that an answer begins: `status` as HTTP has it, 400 where the request cannot be honoured."""

    def part(self, block: bytes) -> None:
        """Take bytes of it: all of JSON, or whole server-sent events, `data: [DONE]` last."""

    def end(self, error: EngineError | None = None) -> None:
        """Hear that it is over, with the reason where it broke off; nothing comes after that."""


class ChatEngine(Engine, Protocol):
    """Writes text. What a request says that it cannot honour, it refuses: nothing is ignored that would change text."""

    @property
    def window(self) -> int:
        """Tokens of prompt and answer together; once loaded, those that the model really has."""

    @property
    def together(self) -> int:
        """How many requests it answers at a time; more wait for their turn."""

    def count(self, text: str) -> int:
        """Return how many tokens the model makes of a text, by its own tokenizer. Blocks; the engine is loaded."""

    def start(self, path: ChatPath, body: bytes, listener: Listener) -> Callable[[], None]:
        """Begin to answer, and return what breaks the answer off. Both return at once; the engine is loaded.

        Raises:
            EngineDied: nothing was begun; it must be loaded again.
        """
