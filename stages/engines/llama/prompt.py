"""Messages -> the prompt that the model's own chat template makes of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stages.engines.llama.asked import ChatAsked, Unfit

ROLES = ("system", "user", "assistant", "tool")
UNSEEN = {"image_url": "images", "input_audio": "sound", "file": "files", "video_url": "video"}
"""Parts of messages that models of this engine do not take."""


class Template:
    """A chat template, as GGUF files carry them (Jinja, in a sandbox)."""

    def __init__(self, source: str, begin: str, end: str) -> None:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self.source = source
        """As written."""
        self.begin = begin
        """What begins every prompt; empty for nothing."""
        self._made = Jinja2ChatFormatter(template=source, bos_token=begin, eos_token=end)

    @property
    def knows_tools(self) -> bool:
        """Return whether it has a place for tools."""
        return "tools" in self.source

    def prompt(self, asked: ChatAsked) -> str:
        """Return the prompt of a chat.

        Raises:
            Unfit: the messages hold what the model does not take, or do not fit the template.
        """
        messages = [_message(number, message) for number, message in enumerate(asked.messages)]
        more: dict[str, Any] = dict(asked.chat_template_kwargs)
        if asked.reasoning_effort is not None:
            more["reasoning_effort"] = asked.reasoning_effort
        if asked.tools and asked.tool_choice != "none":
            more["tools"] = [_tool(tool) for tool in asked.tools]
        try:
            return str(self._made(messages=messages, **more).prompt)
        except Exception as error:  # a template is a program: it refuses messages in many ways
            raise Unfit(f"The chat template of this model does not take these messages: {error}", "messages") from error


def _message(number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    role = given.get("role")
    role = "system" if role == "developer" else role
    if role not in ROLES:
        raise Unfit(f"Message {number} has the role {str(role)[:50]!r}; known are {', '.join(ROLES)}.", "messages")
    said = {**given, "role": role, "content": _content(number, given.get("content"))}
    calls = given.get("tool_calls")
    if not calls:
        said.pop("tool_calls", None)
    else:
        said["tool_calls"] = [_call(number, call) for call in _list(number, "tool_calls", calls)]
    return said


def _content(number: int, content: Any) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    texts: list[str] = []
    for part in _list(number, "content", content):
        kind = part.get("type")
        if kind in UNSEEN:
            raise Unfit(
                f"This model takes no {UNSEEN[kind]}, as message {number} holds. Ask one that does.", "messages"
            )
        text = part.get("refusal" if kind == "refusal" else "text")
        if kind not in ("text", "refusal") or not isinstance(text, str):
            raise Unfit(f"Message {number} holds a part that is no text.", "messages")
        texts.append(text)
    return "".join(texts)


def _list(number: int, name: str, given: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Unfit(f"The {name} of message {number} should be a list of objects.", "messages")
    return given


def _call(number: int, call: Mapping[str, Any]) -> dict[str, Any]:
    """Return a call with its arguments as values: templates write them as JSON themselves."""
    function = call.get("function")
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise Unfit(f"A call in message {number} names no function.", "messages")
    arguments = function.get("arguments") or {}
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError as error:
            raise Unfit(f"The arguments of a call in message {number} are no JSON.", "messages") from error
    return {**call, "type": "function", "function": {**function, "arguments": arguments}}


def _tool(tool: Any) -> dict[str, Any]:
    function = tool.function
    parameters = function.parameters or {"type": "object", "properties": {}}
    said = {"name": function.name, "description": function.description, "parameters": parameters}
    return {"type": "function", "function": said}
