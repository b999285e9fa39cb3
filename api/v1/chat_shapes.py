"""A chat's answer, as far as other dialects need it, whole or in chunks."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from pipeline.gateway.attempt import Call
from pipeline.gateway.errors import ProviderDied
from pipeline.gateway.events import Events


class Function(msgspec.Struct):
    """A function that is called, or in a chunk a piece of it."""

    name: str | None = None
    """Which."""
    arguments: str | None = None
    """JSON."""


class ToolCall(msgspec.Struct):
    """A call of a tool, or in a chunk a piece of it."""

    function: Function = msgspec.field(default_factory=Function)
    """What is called."""
    index: int = 0
    """Which call a piece belongs to."""
    id: str | None = None
    """By which its result is given back."""


class Message(msgspec.Struct):
    """What a model says, or in a chunk a piece of it."""

    content: str | None = None
    """Text."""
    refusal: str | None = None
    """Text in which it refuses."""
    reasoning_content: str | None = None
    """What it thinks, as most servers call it."""
    reasoning: str | None = None
    """What it thinks, as others call it."""
    tool_calls: list[ToolCall] | None = None
    """Calls of tools."""

    @property
    def thought(self) -> str:
        """Return what it thinks."""
        return self.reasoning_content or self.reasoning or ""


class Choice(msgspec.Struct):
    """An answer, or in a chunk a piece of it."""

    message: Message = msgspec.field(default_factory=Message)
    """The whole of it."""
    delta: Message = msgspec.field(default_factory=Message)
    """A piece of it."""
    text: str = ""
    """Of a plain completion: the text, or a piece of it."""
    finish_reason: str | None = None
    """Why it ended; None if it goes on."""
    logprobs: dict[str, Any] | None = None
    """Log probabilities of its tokens."""


class Details(msgspec.Struct):
    """Of tokens."""

    cached_tokens: int | None = None
    """Of those read."""
    reasoning_tokens: int | None = None
    """Of those written."""


class Usage(msgspec.Struct):
    """Tokens."""

    prompt_tokens: int = 0
    """Read."""
    completion_tokens: int = 0
    """Written."""
    prompt_tokens_details: Details | None = None
    """Of those read."""
    completion_tokens_details: Details | None = None
    """Of those written."""


class Completion(msgspec.Struct):
    """A whole answer, or a chunk."""

    choices: list[Choice] = []
    """Answers; other dialects ask for one."""
    usage: Usage | None = None
    """Tokens, where it says so."""
    model: str = ""
    """Its name there."""
    error: Any = None
    """What went wrong in mid-stream."""


DECODER = msgspec.json.Decoder(Completion)


def completion_of(body: bytes) -> Completion:
    """Read a whole answer or a chunk.

    Raises:
        ProviderDied: it is none.
    """
    try:
        return DECODER.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProviderDied("The provider's answer cannot be read.") from error


async def chunks(call: Call) -> AsyncIterator[Completion]:
    """Yield the chunks of a streamed answer.

    Raises:
        ProviderDied: it broke off, or told an error.
        ProviderSilent: nothing came for too long.
    """
    events = Events()
    block = call.first
    while block:
        for line in events.feed(block).split(b"\n"):
            data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
            if data and data != b"[DONE]":
                chunk = completion_of(data)
                if chunk.error is not None:
                    raise ProviderDied(f"The provider {call.member.target.name} failed in the middle of its answer.")
                yield chunk
        block = await call.answer.block()
    if not events.is_done:
        raise ProviderDied(f"The provider {call.member.target.name} broke off in the middle of its answer.")
