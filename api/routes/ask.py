"""Questions about what was said: one meeting, also while it goes on, or all of one's own."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, SkipValidation
from litestar.response.base import ASGIResponse
from msgspec import Meta

from api.bodies import AskOperation
from api.errors import problems
from api.given import Closing, TheCaller
from api.routes.common import OF_ONE, USUAL, MeetingId
from api.routes.events import STREAM, told
from api.shapes import PLAIN, Name
from api.streams import ClosingStream
from pipeline.asking.answer import Answer, Event, answer_of
from pipeline.asking.ask import Ask
from storage.rows import EventRow

JSON = "application/json"
TheAsk: TypeAlias = NamedDependency[SkipValidation[Ask]]
ANSWERS = {
    200: ResponseSpec(
        Answer,
        generate_examples=False,
        media_type=JSON,
        description="The answer; as text/event-stream, events: `passages`, each `sentence`, and `end`.",
    )
}


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody wants to know."""

    question: Annotated[str, Meta(min_length=1, max_length=1000, pattern=PLAIN)]
    """In any words."""
    model: Name | None = None
    """Language model that answers, as GET /v1/models lists it; `extractive` for quotes; null for the server's."""


@post(
    "/meetings/{id:str}/ask",
    operation_id="askMeeting",
    operation_class=AskOperation,
    status_code=200,
    responses={**ANSWERS, **problems(*OF_ONE)},
)
async def ask_meeting(
    id: MeetingId,
    data: JSONBody[Question],
    request: Request[Any, Any, Any],
    ask: TheAsk,
    caller: TheCaller,
    closing: Closing,
) -> ASGIResponse:
    """Answer a question about a meeting from what was said in it, with citations; or say that it was not said."""
    events = ask.one(id, caller.owner, data.question, model=data.model, caller=caller)
    return await _answered(data.question, events, request, closing)


@post(
    "/ask", operation_id="ask", operation_class=AskOperation, status_code=200, responses={**ANSWERS, **problems(*USUAL)}
)
async def ask_all(
    data: JSONBody[Question], request: Request[Any, Any, Any], ask: TheAsk, caller: TheCaller, closing: Closing
) -> ASGIResponse:
    """Answer a question about all meetings of the caller: the 200 newest are looked at."""
    return await _answered(
        data.question, ask.all(caller.owner, data.question, model=data.model, caller=caller), request, closing
    )


async def _answered(
    question: str, events: AsyncGenerator[Event, None], request: Request[Any, Any, Any], closing: Closing
) -> ASGIResponse:
    # What is wrong with the question is told by a status: the first event comes before the answer begins.
    first = await anext(events)
    if request.accept.best_match([JSON, STREAM]) == STREAM:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}
        stream = told(_rows(events), closing, _row(first))
        return ClosingStream(iterator=stream, media_type=STREAM, headers=headers)
    answer = answer_of(question, [first, *[event async for event in events]])
    headers = {"Vary": "Accept", "Content-Type": JSON}
    return ASGIResponse(body=msgspec.json.encode(answer), headers=headers)


async def _rows(events: AsyncGenerator[Event, None]) -> AsyncGenerator[EventRow, None]:
    async for event in events:
        yield _row(event)


def _row(event: Event) -> EventRow:
    return EventRow(0, "answer", msgspec.json.encode(event))


ROUTES = (ask_meeting, ask_all)
