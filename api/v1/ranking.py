"""A query and documents -> scores, whatever the provider speaks."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from api.v1.endpoint import Request
from api.v1.errors import as_openai, message_of
from api.v1.relay import count
from pipeline.gateway.body import raw
from pipeline.gateway.errors import BadBody, ProviderDied, RequestRefused
from pipeline.gateway.route import Route
from pipeline.gateway.target import Member

MOST_DOCUMENTS = 2048
"""Of one request."""


class Scored(NamedTuple):
    """A document and how well it fits."""

    number: int
    """Its place in the request."""
    score: float
    """More fits better."""


class _Result(msgspec.Struct):
    index: int
    relevance_score: float


class _Results(msgspec.Struct):
    results: list[_Result]


class _Rank(msgspec.Struct):
    index: int
    score: float


async def ranking_route(request: Request, name: str | None) -> Route:
    """Return the model that ranks; without a name the first that does."""
    if name:
        return await request.model(name, "text-classification")
    return request.admitted(await request.board.first("text-classification"))


async def score(
    request: Request, route: Route, query: str, documents: Sequence[str], *, raw_scores: bool = False
) -> Sequence[Scored]:
    """Score documents, in their order.

    Raises:
        BadBody: they are none or too many.
        GatewayError: nobody answers, or the provider refuses.
        Left: the client went away.
    """
    if not 0 < len(documents) <= MOST_DOCUMENTS:
        raise BadBody(f"There are {len(documents)} documents; 1 to {MOST_DOCUMENTS} are ranked at once.", "documents")

    def ask(member: Member) -> tuple[str, bytes]:
        if member.target.kind == "tei":
            sent = {"query": query, "texts": documents, "raw_scores": raw_scores, "truncate": True}
            return "/rerank", msgspec.json.encode(sent)
        plain = {"model": raw(member.model), "query": query, "documents": documents}
        return "/v1/rerank", msgspec.json.encode(plain)

    async with request.call(route, ask) as call:
        status, body = call.answer.status, call.first
    if status != 200:
        raise RequestRefused(status, message_of(as_openai(status, body)), call.answer.retry_after)
    count(request.exchange, body)
    return _read(body, len(documents))


def _read(body: bytes, documents: int) -> Sequence[Scored]:
    try:
        if body.lstrip().startswith(b"["):
            found = [Scored(each.index, each.score) for each in msgspec.json.decode(body, type=list[_Rank])]
        else:
            results = msgspec.json.decode(body, type=_Results).results
            found = [Scored(each.index, each.relevance_score) for each in results]
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProviderDied("The provider's ranking cannot be read.") from error
    if any(not 0 <= each.number < documents for each in found):
        raise ProviderDied("The provider's ranking names documents that it was not given.")
    return sorted(found)
