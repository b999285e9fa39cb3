"""POST /v1/embeddings, and the embedded engine that answers it where no provider does."""

import base64
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from api.v1.chat import asked
from api.v1.endpoint import Request
from api.v1.relay import relay
from pipeline.gateway.body import decoded, required, value_of
from pipeline.gateway.errors import BadBody
from pipeline.gateway.providers import ModelType
from pipeline.gateway.vectors import VectorEngine

MOST_INPUTS = 2048
EMBEDS: Sequence[ModelType] = ("text-embeddings-inference",)


class Asked(msgspec.Struct):
    """What is asked of the embedded engine."""

    input: str | list[str | int | list[int]]
    """A text, texts, a text as tokens, or texts as tokens."""
    encoding_format: Literal["float", "base64"] = "float"
    """How a vector is written."""
    dimensions: int | None = None
    """How many dimensions are kept, 1 or more; None for all."""
    model: str = ""
    """As the caller names it."""


async def embeddings(request: Request) -> None:
    """Turn texts into vectors."""
    fields = request.fields
    route = await request.model(required(fields, "model", str), *EMBEDS)
    given = fields.get("input")
    if given is None:
        raise BadBody("The field input is required.", "input")
    if bytes(given).startswith(b"["):
        check_count(len(value_of(fields, "input", list[msgspec.Raw]) or []), "input")
    async with request.call(route, asked("/v1/embeddings", fields)) as call:
        await relay(request.exchange, call)


def check_count(count: int, name: str) -> None:
    """Return if so many inputs can be taken at once.

    Raises:
        BadBody: they are none or too many.
    """
    if not count:
        raise BadBody(f"The field {name} is empty.", name)
    if count > MOST_INPUTS and name != "input":
        raise BadBody(f"The field {name} has {count} items; at most {MOST_INPUTS} are taken at once.", name)
