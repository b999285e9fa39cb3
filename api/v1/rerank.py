"""POST /v1/rerank and /v2/rerank (Jina, Cohere, vLLM), /rerank (TEI too), /score and /v1/score."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import msgspec

from api.v1.endpoint import Request
from api.v1.ranking import Scored, ranking_route, score
from pipeline.gateway.body import decoded, encoded
from pipeline.gateway.errors import BadBody


class Document(msgspec.Struct):
    """A document with its text in a field."""

    text: str
    """What is ranked."""


class RerankAsked(msgspec.Struct):
    """What Jina's, Cohere's and vLLM's clients send."""

    query: str
    """What the documents are compared with."""
    documents: list[str | Document]
    """What is ranked."""
    model: str | None = None
    """Id; None for the first that ranks."""
    top_n: int | None = None
    """How many are returned, 1 or more; None for all."""
    return_documents: bool | None = None
    """Whether the texts are returned; None means yes."""


class TeiAsked(msgspec.Struct):
    """What TEI's clients send."""

    query: str
    """What the texts are compared with."""
    texts: list[str]
    """What is ranked."""
    raw_scores: bool = False
    """Whether scores come as the network gives them."""
    return_text: bool = False
    """Whether the texts are returned."""
    model: str | None = None
    """Id, which TEI itself does not have; None for the first that ranks."""


class ScoreAsked(msgspec.Struct):
    """What vLLM's clients send."""

    model: str | None = None
    """Id; None for the first that ranks."""
    text_1: str | list[str] | None = None
    """One text, or as many as `text_2`."""
    text_2: str | list[str] | None = None
    """What it is compared with."""
    queries: str | list[str] | None = None
    """Another name of `text_1`."""
    documents: str | list[str] | None = None
    """Another name of `text_2`."""


async def rerank(request: Request) -> None:
    """Rank documents."""
    asked = decoded(encoded(request.fields), RerankAsked)
    if asked.top_n is not None and asked.top_n < 1:
        raise BadBody("The field top_n must be 1 or more.", "top_n")
    route = await ranking_route(request, asked.model)
    texts = [each if isinstance(each, str) else each.text for each in asked.documents]
    found = _best_first(await score(request, route, asked.query, texts))[: asked.top_n]
    shows = asked.return_documents is not False
    tokens = request.exchange.record.prompt_tokens
    said = {
        "id": f"rerank-{uuid4().hex}",
        "model": route.id,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}},
        "results": [
            {"index": each.number, "relevance_score": each.score}
            | ({"document": {"text": texts[each.number]}} if shows else {})
            for each in found
        ],
    }
    await request.exchange.answer(200, msgspec.json.encode(said))


async def rerank_tei(request: Request) -> None:
    """Rank texts as TEI does, or documents if the body has no `texts`."""
    if "texts" not in request.fields:
        await rerank(request)
        return
    asked = decoded(encoded(request.fields), TeiAsked)
    route = await ranking_route(request, asked.model)
    found = _best_first(await score(request, route, asked.query, asked.texts, raw_scores=asked.raw_scores))
    said = [
        {"index": each.number, "score": each.score} | ({"text": asked.texts[each.number]} if asked.return_text else {})
        for each in found
    ]
    await request.exchange.answer(200, msgspec.json.encode(said))


async def scores(request: Request) -> None:
    """Score pairs of texts, in their order."""
    asked = decoded(encoded(request.fields), ScoreAsked)
    pairs = _pairs(asked)
    route = await ranking_route(request, asked.model)
    found: dict[int, float] = {}
    for query in dict.fromkeys(query for query, _ in pairs):
        numbers = [number for number, pair in enumerate(pairs) if pair[0] == query]
        for each in await score(request, route, query, [pairs[number][1] for number in numbers]):
            found[numbers[each.number]] = each.score
    tokens = request.exchange.record.prompt_tokens
    said: dict[str, Any] = {
        "id": f"score-{uuid4().hex}",
        "object": "list",
        "created": int(time.time()),
        "model": route.id,
        "data": [{"index": number, "object": "score", "score": found[number]} for number in sorted(found)],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
    await request.exchange.answer(200, msgspec.json.encode(said))


def _best_first(found: Sequence[Scored]) -> Sequence[Scored]:
    return sorted(found, key=lambda each: -each.score)


def _pairs(asked: ScoreAsked) -> Sequence[tuple[str, str]]:
    first = asked.text_1 if asked.text_1 is not None else asked.queries
    second = asked.text_2 if asked.text_2 is not None else asked.documents
    if first is None or second is None:
        raise BadBody("The fields text_1 and text_2, or queries and documents, are required.", "text_1")
    left = [first] if isinstance(first, str) else first
    right = [second] if isinstance(second, str) else second
    if len(left) == 1:
        left = left * len(right)
    if not left or len(left) != len(right):
        raise BadBody("One text is scored against several, or as many as there are.", "text_2")
    return list(zip(left, right, strict=True))
