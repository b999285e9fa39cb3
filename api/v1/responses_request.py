"""A request for /v1/responses -> the chat that means the same; what needs a memory of ours is refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from pipeline.gateway.body import Fields, decoded, encoded, is_null
from pipeline.gateway.errors import BadBody

STATEFUL = ("previous_response_id", "conversation", "prompt")
"""Fields that point at what was kept; nothing is kept here."""
SAME = ("temperature", "top_p", "parallel_tool_calls", "user", "seed", "stop", "metadata", "service_tier")
"""Fields that a chat has too."""


class Reasoning(msgspec.Struct):
    """How much a model thinks."""

    effort: str | None = None
    """As the model takes it."""


class TextFormat(msgspec.Struct):
    """What the text looks like."""

    type: str = "text"
    """text, json_object or json_schema."""
    name: str = "answer"
    """Of the schema."""
    schema: dict[str, Any] | None = None
    """JSON schema."""
    strict: bool | None = None
    """Whether the text must fit."""
    description: str | None = None
    """Of the schema."""


class Text(msgspec.Struct):
    """How text is written."""

    format: TextFormat | None = None
    """What it looks like."""
    verbosity: str | None = None
    """As the model takes it."""


class Asked(msgspec.Struct):
    """A request, as far as it is not passed on as it is."""

    input: str | list[dict[str, Any]]
    """What was said."""
    model: str
    """Id."""
    instructions: str | None = None
    """What the model shall be."""
    text: Text | None = None
    """How text is written."""
    tools: list[dict[str, Any]] | None = None
    """Functions."""
    tool_choice: str | dict[str, Any] | None = None
    """Which tool is called."""
    reasoning: Reasoning | None = None
    """How much it thinks."""
    max_output_tokens: int | None = None
    """Most tokens of the answer."""
    stream: bool | None = None
    """Whether it comes in parts."""
    include: list[str] | None = None
    """What else the answer has."""
    top_logprobs: int | None = None
    """Alternatives to each token."""
    background: bool | None = None
    """Whether it is worked on later."""


def read(fields: Fields) -> Asked:
    """Read a request.

    Raises:
        BadBody: it does not fit, or wants what needs a memory or tools of ours.
    """
    for name in STATEFUL:
        if name in fields and not is_null(fields[name]):
            raise BadBody(f"The field {name} needs kept responses; none are kept here. Send the whole input.", name)
    asked = decoded(encoded(fields), Asked)
    if asked.background:
        raise BadBody("Responses are not made in the background here.", "background")
    for tool in asked.tools or ():
        if tool.get("type") != "function":
            raise BadBody(f"Tools of the type {tool.get('type')!r} are not there; functions are.", "tools")
    return asked


def as_chat(asked: Asked, fields: Fields) -> dict[str, Any]:
    """Return the chat that means the same."""
    chat: dict[str, Any] = {"messages": _messages(asked)}
    chat |= {name: fields[name] for name in SAME if name in fields and not is_null(fields[name])}
    optional = {
        "max_completion_tokens": asked.max_output_tokens,
        "tools": [_tool(tool) for tool in asked.tools] if asked.tools else None,
        "tool_choice": _choice(asked.tool_choice) if asked.tools else None,
        "reasoning_effort": asked.reasoning.effort if asked.reasoning else None,
        "verbosity": asked.text.verbosity if asked.text else None,
        "response_format": _format(asked.text.format) if asked.text and asked.text.format else None,
    }
    chat |= {name: value for name, value in optional.items() if value is not None}
    if "message.output_text.logprobs" in (asked.include or ()):
        chat |= {"logprobs": True, "top_logprobs": asked.top_logprobs or 0}
    if asked.stream:
        chat["stream"] = True
    return chat


def _messages(asked: Asked) -> list[dict[str, Any]]:
    said = [{"role": "system", "content": asked.instructions}] if asked.instructions else []
    if isinstance(asked.input, str):
        return [*said, {"role": "user", "content": asked.input}]
    if not asked.input:
        raise BadBody("The field input is empty.", "input")
    for item in asked.input:
        kind = item.get("type", "message")
        if kind == "reasoning":
            continue
        if kind not in ITEMS:
            raise BadBody(f"Input of the type {kind!r} is not understood here.", "input")
        try:
            _append(said, ITEMS[kind](item))
        except KeyError as error:
            raise BadBody(f"An input of the type {kind!r} lacks {error}.", "input") from error
    return said


def _append(said: list[dict[str, Any]], message: dict[str, Any]) -> None:
    if "tool_calls" in message and said and "tool_calls" in said[-1]:
        said[-1]["tool_calls"] += message["tool_calls"]
    else:
        said.append(message)


def _message(item: Mapping[str, Any]) -> dict[str, Any]:
    content = item["content"]
    return {"role": item["role"], "content": content if isinstance(content, str) else _parts(content)}


def _call(item: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": item["name"], "arguments": item["arguments"]}
    call = {"id": item["call_id"], "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _result(item: Mapping[str, Any]) -> dict[str, Any]:
    output = item["output"]
    content = output if isinstance(output, str) else _parts(output)
    return {"role": "tool", "tool_call_id": item["call_id"], "content": content}


ITEMS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "message": _message,
    "function_call": _call,
    "function_call_output": _result,
}


def _parts(content: Sequence[Any]) -> list[dict[str, Any]]:
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise BadBody("The content of an input is a text or an array of parts.", "input")
    return [_part(part) for part in content]


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    kind = part.get("type")
    if kind in ("input_text", "output_text", "text", "refusal"):
        return {"type": "text", "text": part.get("text", part.get("refusal", ""))}
    if kind == "input_image" and part.get("image_url"):
        detail = {"detail": part["detail"]} if part.get("detail") else {}
        return {"type": "image_url", "image_url": {"url": part["image_url"], **detail}}
    if kind == "input_file" and part.get("file_data"):
        return {"type": "file", "file": {"file_data": part["file_data"], "filename": part.get("filename", "file")}}
    if kind == "input_audio":
        return {"type": "input_audio", "input_audio": part.get("input_audio")}
    raise BadBody(f"A part of the type {kind!r} is not understood here, or points at a file that is not kept.", "input")


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "description", "parameters", "strict")
    return {"type": "function", "function": {name: tool[name] for name in names if tool.get(name) is not None}}


def _choice(choice: str | dict[str, Any] | None) -> Any:
    if not isinstance(choice, dict):
        return choice
    if choice.get("type") == "function":
        return {"type": "function", "function": {"name": choice.get("name")}}
    raise BadBody(f"A tool_choice of the type {choice.get('type')!r} is not understood here.", "tool_choice")


def _format(form: TextFormat) -> dict[str, Any]:
    if form.type != "json_schema":
        return {"type": form.type}
    schema = {"name": form.name, "schema": form.schema, "strict": form.strict, "description": form.description}
    return {"type": "json_schema", "json_schema": {name: value for name, value in schema.items() if value is not None}}
