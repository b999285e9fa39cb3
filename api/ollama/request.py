"""Ollama's requests -> OpenAI's, for providers that do not speak Ollama's dialect."""

import base64
import binascii
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pipeline.gateway.errors import BadBody

OPTIONS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "seed": "seed",
    "stop": "stop",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
}
"""Options that OpenAI's dialect has too."""
WIDER_OPTIONS = {"top_k": "top_k", "min_p": "min_p", "repeat_penalty": "repetition_penalty"}
"""Options that vLLM, Parley and our own engines take beside."""
PICTURES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"BM": "image/bmp",
}
"""How files of pictures begin."""


class Function(msgspec.Struct):
    """A function that was called."""

    name: str
    """Which."""
    arguments: dict[str, Any] = {}
    """Its arguments."""


class ToolCall(msgspec.Struct):
    """A call of a tool."""

    function: Function
    """What was called."""


class Message(msgspec.Struct):
    """What somebody said."""

    role: str
    """Who."""
    content: str = ""
    """Text."""
    images: list[str] | None = None
    """Pictures, base64."""
    tool_calls: list[ToolCall] | None = None
    """Calls that the model made."""
    tool_name: str | None = None
    """Whose result it is."""


class Asked(msgspec.Struct):
    """What chats and texts have in common."""

    model: str
    """Id."""
    stream: bool | None = None
    """Whether the answer comes in parts; None means yes."""
    format: str | dict[str, Any] | None = None
    """`json`, or a schema that the answer must fit."""
    options: dict[str, Any] | None = None
    """How the model writes."""
    keep_alive: int | float | str | None = None
    """How long the model stays in memory; 0 lets go of it."""
    think: bool | str | None = None
    """Whether, or how much, the model thinks first."""

    @property
    def is_stream(self) -> bool:
        """Return whether the answer comes in parts."""
        return self.stream is not False

    @property
    def lets_go(self) -> bool:
        """Return whether the model need not stay in memory."""
        return self.keep_alive in (0, "0", "0s", "0m")


class ChatAsked(Asked):
    """A chat."""

    messages: list[Message] = []
    """What was said; empty to load the model, or let go of it."""
    tools: list[dict[str, Any]] | None = None
    """Functions, as OpenAI's dialect has them."""


class TextAsked(Asked):
    """A text to go on with."""

    prompt: str = ""
    """The text; empty to load the model, or let go of it."""
    system: str | None = None
    """What the model shall be."""
    suffix: str | None = None
    """What follows the gap that the model fills."""
    images: list[str] | None = None
    """Pictures, base64."""
    raw: bool | None = None
    """Whether the prompt goes to the model as it is."""


def as_chat(asked: ChatAsked, *, is_wide: bool) -> dict[str, Any]:
    """Return the chat completion that means the same; `is_wide` if the provider takes more options."""
    tools = {"tools": asked.tools} if asked.tools else {}
    return {"messages": messages(asked.messages), **tools, **_common(asked, is_wide=is_wide)}


def as_text(asked: TextAsked, *, is_wide: bool) -> tuple[str, dict[str, Any]]:
    """Return the path and the request that mean the same: a chat, or a plain completion for a raw prompt."""
    common = _common(asked, is_wide=is_wide)
    if asked.raw or asked.suffix:
        suffix = {"suffix": asked.suffix} if asked.suffix else {}
        return "/v1/completions", {"prompt": asked.prompt, **suffix, **common}
    said = [Message("system", asked.system)] if asked.system else []
    said.append(Message("user", asked.prompt, asked.images))
    return "/v1/chat/completions", {"messages": messages(said), **common}


def messages(said: Sequence[Message]) -> list[dict[str, Any]]:
    """Return messages as OpenAI's dialect has them: calls and their results are matched by number."""
    numbers = itertools.count()
    waiting: list[tuple[str, str]] = []
    found: list[dict[str, Any]] = []
    for message in said:
        if message.role == "tool":
            found.append({"role": "tool", "content": message.content, "tool_call_id": _answered(waiting, message)})
            continue
        calls = [_call(f"call_{next(numbers)}", call) for call in message.tool_calls or ()]
        waiting += [(call["function"]["name"], call["id"]) for call in calls]
        found.append({"role": message.role, "content": _content(message)} | ({"tool_calls": calls} if calls else {}))
    return found


def _answered(waiting: list[tuple[str, str]], message: Message) -> str:
    place = next((n for n, (name, _) in enumerate(waiting) if message.tool_name in (None, name)), None)
    if place is None:
        raise BadBody("A message of the role tool answers no call.", "messages")
    return waiting.pop(place)[1]


def _call(id: str, call: ToolCall) -> dict[str, Any]:
    arguments = msgspec.json.encode(call.function.arguments).decode()
    return {"id": id, "type": "function", "function": {"name": call.function.name, "arguments": arguments}}


def _content(message: Message) -> str | list[dict[str, Any]]:
    if not message.images:
        return message.content
    pictures = [{"type": "image_url", "image_url": {"url": _picture(data)}} for data in message.images]
    return [{"type": "text", "text": message.content}, *pictures]


def _picture(data: str) -> str:
    if data.startswith("data:"):
        return data
    try:
        begins = base64.b64decode(data[:16], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadBody("The field images holds something that is no base64.", "images") from error
    kind = next((kind for sign, kind in PICTURES.items() if begins.startswith(sign)), "image/png")
    return f"data:{kind};base64,{data}"


def _common(asked: Asked, *, is_wide: bool) -> dict[str, Any]:
    options: Mapping[str, Any] = asked.options or {}
    names = OPTIONS | (WIDER_OPTIONS if is_wide else {})
    said: dict[str, Any] = {name: options[theirs] for theirs, name in names.items() if options.get(theirs) is not None}
    most = options.get("num_predict")
    if isinstance(most, int) and most > 0:
        said["max_tokens"] = most
    if isinstance(asked.think, str):
        said["reasoning_effort"] = asked.think
    if asked.format == "json":
        said["response_format"] = {"type": "json_object"}
    elif isinstance(asked.format, dict):
        schema = {"name": "answer", "schema": asked.format, "strict": True}
        said["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif asked.format:
        raise BadBody("The field format is `json` or a schema.", "format")
    return said
