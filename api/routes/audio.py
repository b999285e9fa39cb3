"""The sound of a meeting, as it was sent, whole or in ranges."""

from typing import Any

from litestar import Request, route
from litestar.enums import HttpMethod
from litestar.openapi.datastructures import ResponseSpec
from litestar.response.base import ASGIResponse

from api.bodies import SoundOperation
from api.errors import problems
from api.given import TheCaller, TheMeetings
from api.ranged import ranged
from api.routes.common import OF_ONE, MeetingId

BYTES = "application/octet-stream"


@route(
    "/meetings/{id:str}/audio",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    operation_id=lambda _, method, __: "readAudio" if method is HttpMethod.GET else "measureAudio",
    operation_class=SoundOperation,
    status_code=200,
    responses={
        200: ResponseSpec(bytes, generate_examples=False, media_type=BYTES, description="All of it."),
        206: ResponseSpec(bytes, generate_examples=False, media_type=BYTES, description="The range."),
        304: ResponseSpec(None, generate_examples=False, description="The client has it already."),
        **problems(*OF_ONE, 416),
    },
)
async def read_audio(
    id: MeetingId, request: Request[Any, Any, Any], meetings: TheMeetings, caller: TheCaller
) -> ASGIResponse:
    """Return the recording as it was sent; one range of bytes at a time, if the client asks for it."""
    row = await meetings.meeting(id, caller.owner)
    return ranged(request, await meetings.audio(id, caller.owner), row.created_at)


ROUTES = (read_audio,)
