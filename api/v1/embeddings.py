"""POST /v1/embeddings: by a provider, or by the embedded engine."""

from collections.abc import Sequence

import msgspec

from api.v1.chat import asked
from api.v1.endpoint import Request
from api.v1.relay import relay
from pipeline.gateway.body import beginning, required, value_of
from pipeline.gateway.errors import BadBody
from pipeline.gateway.providers import ModelType

MOST_INPUTS = 2048
"""Texts of one request."""
EMBEDS: Sequence[ModelType] = ("text-embeddings-inference",)


async def embeddings(request: Request) -> None:
    """Turn texts into vectors."""
    fields = request.fields
    route = await request.model(required(fields, "model", str), *EMBEDS)
    given = fields.get("input")
    if given is None:
        raise BadBody("The field input is required.", "input")
    if beginning(given) == b"[":
        _check_count(value_of(fields, "input", list[msgspec.Raw]) or [])
    async with request.call(route, asked("/v1/embeddings", fields)) as call:
        await relay(request.exchange, call)


def _check_count(items: Sequence[msgspec.Raw]) -> None:
    if not items:
        raise BadBody("The field input is empty.", "input")
    # A list of numbers is one text, as tokens.
    if len(items) > MOST_INPUTS and not beginning(items[0]).isdigit():
        raise BadBody(f"The field input has {len(items)} texts; at most {MOST_INPUTS} are taken at once.", "input")
