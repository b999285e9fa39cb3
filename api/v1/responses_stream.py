"""Chunks of a chat -> the typed events of a response, numbered in order."""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from api.v1.chat_shapes import Completion, Function, Message, ToolCall, Usage
from api.v1.responses_answer import (
    call_item,
    ended,
    message_item,
    new_id,
    reasoning_item,
    refusal_part,
    text_part,
)

Kind = Literal["text", "refusal", "thought", "call"]
PREFIXES = {"text": "msg", "refusal": "msg", "thought": "rs", "call": "fc"}


class Item(msgspec.Struct):
    """An item of output that grows."""

    kind: Kind
    """What it is."""
    id: str
    """Its id."""
    place: int
    """Its number among the items."""
    text: str = ""
    """What there is of it; of a call, the arguments."""
    call: ToolCall | None = None
    """The call, where it is one."""

    def part(self) -> dict[str, Any]:
        """Return its text as a part of a message or of a thought."""
        if self.kind == "thought":
            return {"type": "reasoning_text", "text": self.text}
        return text_part(self.text) if self.kind == "text" else refusal_part(self.text)

    def item(self, status: str = "completed") -> dict[str, Any]:
        """Return it as it is now."""
        if self.call is not None:
            function = Function(self.call.function.name, self.text)
            return call_item(self.id, msgspec.structs.replace(self.call, function=function), status)
        if self.kind == "thought":
            return reasoning_item(self.id, self.text, status)
        return message_item(self.id, [self.part()] if status == "completed" else [], status)


class Typed:
    """Writes events; one item is open at a time."""

    def __init__(self, begun: dict[str, Any]) -> None:
        self._begun = begun
        self._number = -1
        self._open: Item | None = None
        self._call_index = -1
        self._done: list[dict[str, Any]] = []
        self._reason: str | None = None
        self.usage: Usage | None = None
        """Tokens, as far as the chat has told them."""

    def begin(self) -> bytes:
        """Return the events that begin a response."""
        return b"".join(self._event(f"response.{word}", response=self._begun) for word in ("created", "in_progress"))

    def feed(self, chunk: Completion) -> bytes:
        """Return the events that a chunk means."""
        self.usage = chunk.usage or self.usage
        if not chunk.choices:
            return b""
        choice = chunk.choices[0]
        self._reason = choice.finish_reason or self._reason
        return b"".join(self._grow(choice.delta))

    def end(self) -> bytes:
        """Return the events that end a response."""
        events = list(self._close())
        response = ended(self._begun, self._done, self._reason, self.usage)
        if not self._done:
            response["output"] = [message_item(new_id("msg"), [text_part("")])]
        return b"".join([*events, self._event(f"response.{response['status']}", response=response)])

    def fail(self, message: str) -> bytes:
        """Return the event that ends a response which cannot go on."""
        error = {"code": "server_error", "message": message}
        response = {**self._begun, "status": "failed", "error": error, "output": self._done}
        return self._event("response.failed", response=response)

    def _grow(self, delta: Message) -> Iterator[bytes]:
        pieces: tuple[tuple[Kind, str], ...] = (
            ("thought", delta.thought),
            ("text", delta.content or ""),
            ("refusal", delta.refusal or ""),
        )
        for kind, text in pieces:
            if text:
                if self._open is None or self._open.kind != kind:
                    yield from self._start(kind)
                yield self._delta(text)
        for call in delta.tool_calls or ():
            if self._open is None or self._open.kind != "call" or call.index != self._call_index:
                self._call_index = call.index
                yield from self._start("call", call)
            if call.function.arguments:
                yield self._delta(call.function.arguments)

    def _start(self, kind: Kind, call: ToolCall | None = None) -> Iterator[bytes]:
        yield from self._close()
        item = self._open = Item(kind, new_id(PREFIXES[kind]), len(self._done), call=call)
        yield self._event("response.output_item.added", output_index=item.place, item=item.item("in_progress"))
        if kind in ("text", "refusal"):
            yield self._event("response.content_part.added", **self._where(item), part=item.part())

    def _delta(self, text: str) -> bytes:
        item = self._open
        assert item is not None
        item.text += text
        more: dict[str, Any] = {"logprobs": []} if item.kind == "text" else {}
        return self._event(f"{_name(item.kind)}.delta", **self._where(item), delta=text, **more)

    def _close(self) -> Iterator[bytes]:
        item, self._open = self._open, None
        if item is None:
            return
        where = self._where(item)
        if item.kind == "call":
            name = item.call.function.name if item.call is not None else ""
            yield self._event(f"{_name('call')}.done", **where, arguments=item.text, name=name or "")
        else:
            field = {"refusal": item.text} if item.kind == "refusal" else {"text": item.text}
            more: dict[str, Any] = {"logprobs": []} if item.kind == "text" else {}
            yield self._event(f"{_name(item.kind)}.done", **where, **field, **more)
        if item.kind in ("text", "refusal"):
            yield self._event("response.content_part.done", **where, part=item.part())
        self._done.append(item.item())
        yield self._event("response.output_item.done", output_index=item.place, item=item.item())

    def _where(self, item: Item) -> dict[str, Any]:
        place = {} if item.kind == "call" else {"content_index": 0}
        return {"item_id": item.id, "output_index": item.place, **place}

    def _event(self, kind: str, **said: Any) -> bytes:
        self._number += 1
        data = msgspec.json.encode({"type": kind, "sequence_number": self._number, **said})
        return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"


def _name(kind: Kind) -> str:
    names = {
        "text": "output_text",
        "refusal": "refusal",
        "thought": "reasoning_text",
        "call": "function_call_arguments",
    }
    return f"response.{names[kind]}"
