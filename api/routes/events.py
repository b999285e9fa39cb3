"""What happens to a meeting, as server-sent events. Source: the HTML Living Standard, section 9.2."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from litestar.response.base import ASGIResponse

from api.errors import BadRequest, problems
from api.given import Closing, TheCaller, TheMeetings
from api.routes.common import OF_ONE, MeetingId
from api.streams import ClosingStream
from storage.rows import EventRow

STREAM = "text/event-stream"
HEARTBEAT_SECONDS = 15.0
"""A comment is sent where nothing else was for so long: proxies end silent connections after 30 s and more."""
HEARTBEAT = b": still here\n\n"
LONGEST_NUMBER = 15
OVER = ("done", "failed")


class SentEvent(msgspec.Struct, frozen=True):
    """An event as it travels."""

    data: str
    """JSON with `type`, and `seq` where it is kept."""
    id: str = ""
    """Its number, where it is kept."""


@get(
    "/meetings/{id:str}/events",
    operation_id="followMeeting",
    responses={
        200: ResponseSpec(
            SentEvent, generate_examples=False, media_type=STREAM, description="Events, until the run is over."
        ),
        204: ResponseSpec(None, generate_examples=False, description="The meeting is over, and there are no more."),
        **problems(*OF_ONE),
    },
)
async def follow_meeting(
    id: MeetingId,
    request: Request[Any, Any, Any],
    meetings: TheMeetings,
    caller: TheCaller,
    closing: Closing,
    after: Annotated[
        int | None, Parameter(ge=0, description="Number of the last event seen, as Last-Event-ID.")
    ] = None,
) -> ASGIResponse:
    """Follow a meeting: every event is JSON with `type`, and, if it is kept, its number in `seq` and as id.

    `stage` {stage}, `progress` {stages}, `utterance` {utterance}, `summary` {summary}, `error` {code, message} and
    `end` {state}. Whoever comes back goes on after the number that it names.
    """
    row = await meetings.meeting(id, caller.owner)
    events = meetings.events(id, caller.owner, _last(request.headers.get("last-event-id"), after))
    first: EventRow | None = None
    if row.state in OVER:
        first = await anext(events, None)
        if first is None:
            return ASGIResponse(status_code=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return ClosingStream(iterator=told(events, closing, first), media_type=STREAM, headers=headers)


async def told(
    events: AsyncGenerator[EventRow, None],
    closing: asyncio.Event,
    first: EventRow | None = None,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
) -> AsyncGenerator[bytes, None]:
    """Write events as they come, one at a time: who reads slowly waits for itself only. Ends when the server closes."""
    async with aclosing(events):
        if first is not None:
            yield written(first)
        ends = asyncio.ensure_future(closing.wait())
        following: asyncio.Future[EventRow | None] = asyncio.ensure_future(anext(events, None))
        try:
            while True:
                await asyncio.wait((following, ends), timeout=heartbeat_seconds, return_when=asyncio.FIRST_COMPLETED)
                if following.done():
                    event = following.result()
                    if event is None:
                        return
                    yield written(event)
                    following = asyncio.ensure_future(anext(events, None))
                elif ends.done():
                    return
                else:
                    yield HEARTBEAT
        finally:
            ends.cancel()
            following.cancel()
            await asyncio.wait((following, ends))


def written(event: EventRow) -> bytes:
    """Write an event; the number goes into its JSON, too."""
    if not event.number:
        return b"data: %b\n\n" % event.data
    return b'id: %d\ndata: {"seq":%d,%b\n\n' % (event.number, event.number, event.data[1:])


def _last(header: str | None, after: int | None) -> int:
    if header is None or not header.strip():
        return after or 0
    if not header.isascii() or not header.isdigit() or len(header) > LONGEST_NUMBER:
        raise BadRequest("Last-Event-ID must be the number of an event.")
    return int(header)


ROUTES = (follow_meeting,)
