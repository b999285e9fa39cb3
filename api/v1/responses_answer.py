"""A chat's answer -> a response, in OpenAI's shape: items of output, status, usage."""

import time
from typing import Any
from uuid import uuid4

import msgspec

from api.v1.chat_shapes import Choice, Completion, Message, ToolCall, Usage
from api.v1.responses_request import Asked
from pipeline.gateway.body import Fields, is_null

UNFINISHED = {"length": "max_output_tokens", "content_filter": "content_filter"}
"""Why a chat ended -> why a response is not complete."""
ECHOED = ("metadata", "temperature", "top_p", "parallel_tool_calls", "tools", "tool_choice", "text", "reasoning")
"""Fields of the request that the response has too."""


def head(asked: Asked, fields: Fields) -> dict[str, Any]:
    """Return a response that has just begun."""
    said: dict[str, Any] = {
        "metadata": {},
        "temperature": None,
        "top_p": None,
        "parallel_tool_calls": True,
        "tools": [],
        "tool_choice": "auto",
        "text": {"format": {"type": "text"}},
        "reasoning": None,
    }
    said |= {name: msgspec.json.decode(fields[name]) for name in ECHOED if name in fields and not is_null(fields[name])}
    return {
        "id": new_id("resp"),
        "object": "response",
        "created_at": int(time.time()),
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": asked.instructions,
        "max_output_tokens": asked.max_output_tokens,
        "model": asked.model,
        "output": [],
        "previous_response_id": None,
        "store": False,
        "truncation": "disabled",
        "usage": None,
        "user": None,
        **said,
    }


def new_id(kind: str) -> str:
    """Return an id of a response or of one of its items."""
    return f"{kind}_{uuid4().hex}"


def whole(begun: dict[str, Any], completion: Completion) -> dict[str, Any]:
    """Return the response that a whole answer means."""
    choice = completion.choices[0] if completion.choices else Choice()
    return ended(begun, _output(choice.message, choice), choice.finish_reason, completion.usage)


def ended(
    begun: dict[str, Any], output: list[dict[str, Any]], reason: str | None, usage: Usage | None
) -> dict[str, Any]:
    """Return a response that has ended."""
    why = UNFINISHED.get(reason or "")
    details = {"status": "incomplete", "incomplete_details": {"reason": why}} if why else {"status": "completed"}
    return {**begun, **details, "output": output, "usage": None if usage is None else _usage(usage)}


def message_item(id: str, content: list[dict[str, Any]], status: str = "completed") -> dict[str, Any]:
    """Return what the model said, as an item of output."""
    return {"type": "message", "id": id, "role": "assistant", "status": status, "content": content}


def text_part(text: str, logprobs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return a text, as a part of a message."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs or []}


def refusal_part(text: str) -> dict[str, Any]:
    """Return a refusal, as a part of a message."""
    return {"type": "refusal", "refusal": text}


def call_item(id: str, call: ToolCall, status: str = "completed") -> dict[str, Any]:
    """Return the call of a function, as an item of output."""
    function = call.function
    said = {"name": function.name or "", "arguments": function.arguments or "", "call_id": call.id or id}
    return {"type": "function_call", "id": id, "status": status, **said}


def reasoning_item(id: str, text: str, status: str = "completed") -> dict[str, Any]:
    """Return what the model thought, as an item of output."""
    content = [{"type": "reasoning_text", "text": text}] if text else []
    return {"type": "reasoning", "id": id, "summary": [], "content": content, "status": status}


def _output(message: Message, choice: Choice) -> list[dict[str, Any]]:
    items = [reasoning_item(new_id("rs"), message.thought)] if message.thought else []
    content = [text_part(message.content, _logprobs(choice))] if message.content else []
    content += [refusal_part(message.refusal)] if message.refusal else []
    if content or not message.tool_calls:
        items.append(message_item(new_id("msg"), content or [text_part("")]))
    return items + [call_item(new_id("fc"), call) for call in message.tool_calls or ()]


def _logprobs(choice: Choice) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (choice.logprobs or {}).get("content") or []
    return [_token(each) | {"top_logprobs": [_token(top) for top in each.get("top_logprobs") or ()]} for each in found]


def _token(said: dict[str, Any]) -> dict[str, Any]:
    token: str = said.get("token", "")
    return {"token": token, "logprob": said.get("logprob", 0.0), "bytes": said.get("bytes") or list(token.encode())}


def _usage(usage: Usage) -> dict[str, Any]:
    read, written = usage.prompt_tokens_details, usage.completion_tokens_details
    cached = read.cached_tokens if read is not None else None
    thought = written.reasoning_tokens if written is not None else None
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": cached or 0, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": thought or 0},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
