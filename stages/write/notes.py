"""What a model writes about a part of a meeting: its JSON schema, and the answer read back."""

import json
from collections.abc import Collection
from typing import Any, TypeVar

import msgspec

from stages.template import Section

Numbers = tuple[int, ...]


class NotedPoint(msgspec.Struct, frozen=True):
    """A point, as the model wrote it."""

    text: str
    evidence: Numbers
    """Numbers of lines."""


class NotedTopic(msgspec.Struct, frozen=True):
    """A topic, as the model wrote it."""

    title: str
    points: tuple[NotedPoint, ...]


class NotedAction(msgspec.Struct, frozen=True):
    """An action, as the model wrote it."""

    task: str
    evidence: Numbers
    """Numbers of lines."""
    owner: str | None = None
    due: str | None = None
    due_in_english: str | None = None


class Notes(msgspec.Struct, frozen=True):
    """Notes on a part."""

    topics: tuple[NotedTopic, ...] = ()
    decisions: tuple[NotedPoint, ...] = ()
    actions: tuple[NotedAction, ...] = ()
    questions: tuple[NotedPoint, ...] = ()
    withdrawn: tuple[NotedPoint, ...] = ()
    """What the part takes back of what was settled before it."""


class Withdrawal(msgspec.Struct, frozen=True):
    """An item that another one takes back."""

    item: int
    because: int


class Ending(msgspec.Struct, frozen=True):
    """What is written when everything is noted."""

    title: str
    overview: tuple[NotedPoint, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()


Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
PERHAPS: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": "integer"}
Answer = TypeVar("Answer")


class Unreadable(ValueError):
    """An answer is not what the schema says; the sentence is for the model."""


def _object(**properties: Schema) -> Schema:
    named = {"properties": properties, "required": list(properties)}
    return {"type": "object", **named, "additionalProperties": False}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


POINT = _object(text=TEXT, evidence=_array(NUMBER))
PARTS: dict[Section, Schema] = {
    "topics": _array(_object(title=TEXT, points=_array(POINT))),
    "decisions": _array(POINT),
    "actions": _array(
        _object(task=TEXT, owner=PERHAPS, due=PERHAPS, due_in_english=PERHAPS, evidence=_array(NUMBER)),
    ),
    "questions": _array(POINT),
}
ENDING = _object(
    title=TEXT, overview=_array(POINT), withdrawn=_array(_object(item=NUMBER, because=NUMBER))
)  # fmt: skip


def notes_schema(sections: Collection[Section]) -> Schema:
    """Return what notes on a part look like; only sections that are wanted."""
    wanted = {name: schema for name, schema in PARTS.items() if name in sections}
    return _object(**wanted, withdrawn=_array(POINT))


def read(text: str, kind: type[Answer]) -> Answer:
    """Read an answer. What stands around the JSON, as some models think aloud, is left aside.

    Raises:
        Unreadable: it does not fit.
    """
    text = text.rpartition("</think>")[2]
    first, last = text.find("{"), text.rfind("}")
    if not text.strip():
        raise Unreadable("it was empty")
    if first < 0 or last < first:
        raise Unreadable("it holds no JSON object")
    try:
        # Small models put line breaks into strings, which is no JSON, but says all the same what is meant.
        return msgspec.convert(json.loads(text[first : last + 1], strict=False), kind)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error).replace("`", "'") or "it is nested too deeply") from error
