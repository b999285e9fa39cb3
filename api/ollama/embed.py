"""POST /api/embed and /api/embeddings."""

import time
from typing import Any

import msgspec

from api.v1.embeddings import EMBEDS, MOST_INPUTS
from api.v1.endpoint import Request
from api.v1.errors import as_openai, message_of
from api.v1.relay import count
from pipeline.gateway.body import decoded
from pipeline.gateway.errors import BadBody, ProviderDied, RequestRefused
from pipeline.gateway.target import Member


class EmbedAsked(msgspec.Struct):
    """Texts."""

    model: str
    """Id."""
    input: str | list[str]
    """A text, or texts."""
    dimensions: int | None = None
    """How many are kept; None for all."""


class OlderAsked(msgspec.Struct):
    """A text, as older clients send it."""

    model: str
    """Id."""
    prompt: str
    """The text."""


class _Vector(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Vectors(msgspec.Struct):
    data: list[_Vector]


async def embed(request: Request) -> None:
    """Turn texts into vectors."""
    began = time.perf_counter_ns()
    asked = decoded(request.body, EmbedAsked)
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    if len(texts) > MOST_INPUTS:
        raise BadBody(f"The field input has {len(texts)} texts; at most {MOST_INPUTS} are taken at once.", "input")
    vectors = await _vectors(request, asked.model, texts, asked.dimensions) if texts else []
    said = {
        "model": asked.model,
        "embeddings": vectors,
        "total_duration": time.perf_counter_ns() - began,
        "load_duration": 0,
        "prompt_eval_count": request.exchange.record.prompt_tokens,
    }
    await request.exchange.answer(200, msgspec.json.encode(said))


async def embeddings(request: Request) -> None:
    """Turn one text into a vector."""
    asked = decoded(request.body, OlderAsked)
    vectors = await _vectors(request, asked.model, [asked.prompt], None)
    await request.exchange.answer(200, msgspec.json.encode({"embedding": vectors[0]}))


async def _vectors(request: Request, model: str, texts: list[str], dimensions: int | None) -> list[list[float]]:
    route = await request.model(model, *EMBEDS)
    kept: dict[str, Any] = {} if dimensions is None else {"dimensions": dimensions}

    def ask(member: Member) -> tuple[str, bytes]:
        return "/v1/embeddings", msgspec.json.encode({"model": member.model, "input": texts, **kept})

    async with request.call(route, ask) as call:
        status, body = call.answer.status, call.first
    if status != 200:
        raise RequestRefused(status, message_of(as_openai(status, body)), call.answer.retry_after)
    count(request.exchange, body)
    try:
        found = msgspec.json.decode(body, type=_Vectors).data
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProviderDied("The provider's vectors cannot be read.") from error
    if len(found) != len(texts):
        raise ProviderDied("The provider gave more or fewer vectors than there are texts.")
    return [each.embedding for each in sorted(found, key=lambda each: each.index)]
