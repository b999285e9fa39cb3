"""OpenAI's answers -> Ollama's lines."""

import time
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from api.v1.chat_shapes import Completion, ToolCall, Usage

Form = Literal["chat", "text"]

DONE = {"stop": "stop", "length": "length", "tool_calls": "stop", "content_filter": "stop"}
"""Why it ended, in OpenAI's words -> in Ollama's."""


class Lines:
    """Writes the lines of one answer."""

    def __init__(self, form: Form, model: str) -> None:
        self._form, self._model = form, model
        self._began = time.perf_counter_ns()
        self._first: int | None = None
        self._calls: dict[int, ToolCall] = {}
        self._reason = "stop"
        self.pieces = 0
        """Chunks with something in them."""
        self.usage: Usage | None = None
        """Tokens, as far as they were told."""

    def feed(self, chunk: Completion) -> bytes:
        """Return the line that a chunk means; empty if it says nothing yet."""
        self.usage = chunk.usage or self.usage
        if not chunk.choices:
            return b""
        choice = chunk.choices[0]
        self._reason = DONE.get(choice.finish_reason or "", self._reason)
        delta = choice.delta
        for call in delta.tool_calls or ():
            self._gather(call)
        text, thought = delta.content or delta.refusal or choice.text, delta.thought
        if not text and not thought:
            return b""
        self._note()
        return self._line(self._said(text, thought))

    def end(self) -> bytes:
        """Return the last lines: calls of tools, if there are any, and what it took."""
        calls = self._line(self._said("", "", self._tool_calls())) if self._calls else b""
        return calls + self._line(self._said("", "") | self._took())

    def whole(self, completion: Completion) -> bytes:
        """Return the one line of an answer that does not come in parts."""
        self.usage = completion.usage
        text = thought = ""
        if completion.choices:
            choice = completion.choices[0]
            message = choice.message
            text, thought = message.content or message.refusal or choice.text, message.thought
            self._reason = DONE.get(choice.finish_reason or "", "stop")
            for index, call in enumerate(message.tool_calls or ()):
                self._gather(msgspec.structs.replace(call, index=index))
        self._note()
        return self._line(self._said(text, thought, self._tool_calls()) | self._took())

    def loaded(self, reason: Literal["load", "unload"]) -> bytes:
        """Return the one line of a request without content."""
        return self._line(self._said("", "") | {"done": True, "done_reason": reason})

    def _note(self) -> None:
        self.pieces += 1
        if self._first is None:
            self._first = time.perf_counter_ns()

    def _gather(self, call: ToolCall) -> None:
        known = self._calls.get(call.index)
        if known is None:
            self._calls[call.index] = call
        else:
            known.function.arguments = (known.function.arguments or "") + (call.function.arguments or "")

    def _tool_calls(self) -> list[dict[str, Any]]:
        return [
            {"function": {"name": call.function.name or "", "arguments": _arguments(call.function.arguments)}}
            for call in self._calls.values()
        ]

    def _said(self, text: str, thought: str, calls: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        thinking = {"thinking": thought} if thought else {}
        if self._form == "text":
            return {"response": text, **thinking, "done": False}
        called = {"tool_calls": calls} if calls else {}
        return {"message": {"role": "assistant", "content": text, **thinking, **called}, "done": False}

    def _took(self) -> dict[str, Any]:
        now = time.perf_counter_ns()
        first = self._first or now
        usage = self.usage or Usage(0, self.pieces)
        return {
            "done": True,
            "done_reason": self._reason,
            "total_duration": now - self._began,
            "load_duration": 0,
            "prompt_eval_count": usage.prompt_tokens,
            "prompt_eval_duration": first - self._began,
            "eval_count": usage.completion_tokens,
            "eval_duration": now - first,
        }

    def _line(self, said: dict[str, Any]) -> bytes:
        return msgspec.json.encode({"model": self._model, "created_at": now_utc(), **said}) + b"\n"


def now_utc() -> str:
    """Return the time as Ollama writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _arguments(said: str | None) -> Any:
    try:
        return msgspec.json.decode(said or "{}")
    except (msgspec.DecodeError, RecursionError):
        return {"arguments": said}
