"""A language model as a stage sees it: messages and a schema in, JSON text out.

ChatError                   the model could not be asked, or its answer is of no use (an EngineError)
├── NoChat                  there is no model to ask
├── ChatAway                nobody answers now, or the answer broke off: asking again may help
└── TooLong                 the model does not read so much at once: ask with less
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

from stages.engine_errors import EngineError


class ChatError(EngineError):
    """A language model gave nothing of use."""


class NoChat(ChatError):
    """There is no model to ask."""

    def __init__(self, why: str, *, wanted: bool) -> None:
        super().__init__(why)
        self.wanted = wanted
        """Whether somebody asked for one; False where none is configured, as many servers have none."""


class ChatAway(ChatError):
    """Nobody answers now, or the answer broke off."""


class TooLong(ChatError):
    """The model does not read so much at once."""

    def __init__(self, why: str, window: int | None = None) -> None:
        super().__init__(why)
        self.window = window
        """Tokens that it reads and writes, as its server said; None if it did not."""


class Message(msgspec.Struct, frozen=True):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    """Who says it."""
    content: str
    """What is said."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a model answers."""

    text: str
    """As it came."""
    whole: bool
    """Whether it came to its end; False where the limit on its tokens cut it."""
    read: int | None = None
    """Tokens of the request, as the server counted them; None if it does not say."""
    written: int | None = None
    """Tokens of the answer, as the server counted them; None if it does not say."""


class Chat(Protocol):
    """One language model."""

    @property
    def name(self) -> str:
        """Its id."""

    @property
    def window(self) -> int:
        """Tokens that it reads and writes in one request."""

    async def count(self, text: str) -> int | None:
        """Return how many tokens a text has for this model; None where nobody can tell."""

    async def ask(self, messages: Sequence[Message], schema: Mapping[str, Any], most: int) -> Reply:
        """Have it answer in JSON of a schema, in at most so many tokens.

        Raises:
            TooLong: it does not read so much at once.
            ChatAway: nobody answers, or the answer broke off.
            ChatError: it does not do this.
        """


class Chats(Protocol):
    """Language models by name."""

    async def chat(self, model: str | None) -> Chat:
        """Return a model; None takes the server's choice.

        Raises:
            NoChat: there is none.
        """
