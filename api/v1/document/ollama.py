"""What Ollama's routes answer."""

from typing import Any

import msgspec


class Error(msgspec.Struct):
    """An error, as Ollama's clients read it."""

    error: str
    """A sentence that says what happened and what to do."""


class Answer(msgspec.Struct):
    """An answer, or as a stream each of its lines; the last has `done` and what it took, in nanoseconds."""

    model: str
    """Who wrote it."""
    created_at: str
    """When."""
    done: bool
    """Whether it is the last line."""
    message: dict[str, Any] | None = None
    """Of a chat: role, content, thinking, tool_calls."""
    response: str | None = None
    """Of a text: what follows."""
    done_reason: str | None = None
    """Why it ended."""
    total_duration: int | None = None
    """In all."""
    load_duration: int | None = None
    """To load the model."""
    prompt_eval_count: int | None = None
    """Tokens read."""
    prompt_eval_duration: int | None = None
    """To read them."""
    eval_count: int | None = None
    """Tokens written."""
    eval_duration: int | None = None
    """To write them."""


class Vectors(msgspec.Struct):
    """Vectors, in the order of the texts."""

    model: str
    """Who made them."""
    embeddings: list[list[float]]
    """One for each text."""
    prompt_eval_count: int
    """Tokens read."""


class Vector(msgspec.Struct):
    """A vector, as older clients read it."""

    embedding: list[float]
    """Of the text."""


class Tag(msgspec.Struct):
    """A model."""

    name: str
    """Its name."""
    model: str
    """The same."""
    modified_at: str
    """When it was made."""
    size: int
    """Unknown: 0."""
    digest: str
    """Of its id."""
    details: dict[str, Any]
    """Family and format."""
    expires_at: str | None = None
    """Of those that run: when they are let go of."""
    size_vram: int | None = None
    """Of those that run; unknown: 0."""


class Tags(msgspec.Struct):
    """Models."""

    models: list[Tag]
    """Those that Ollama's clients can use."""


class ShowAsked(msgspec.Struct):
    """Which model to tell of."""

    model: str
    """Its name."""


class Shown(msgspec.Struct):
    """One model."""

    details: dict[str, Any]
    """Family and format."""
    model_info: dict[str, Any]
    """Length of its context, where it is known."""
    capabilities: list[str]
    """completion, tools, vision, embedding."""
    modelfile: str
    """What it is made from."""
    parameters: str
    """Limits that are configured."""
    template: str
    """How prompts are put together."""
    license: str
    """Not told here."""
    modified_at: str
    """When it was made."""


class Version(msgspec.Struct):
    """Version of the dialect."""

    version: str
    """Dotted numbers."""
