"""What the screen showed: the slides of a meeting, and the picture of each."""

from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Request, get, route
from litestar.enums import HttpMethod
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from litestar.response.base import ASGIResponse

from api.errors import problems
from api.given import TheCaller, TheMeetings
from api.ranged import ranged
from api.routes.common import ID, OF_ONE, MeetingId
from pipeline.slides import Slide, picture, slides, unread

JPEG = "image/jpeg"
SlideId: TypeAlias = Annotated[str, Parameter(pattern=ID, description="Id of the slide.")]


class SlideList(msgspec.Struct, frozen=True):
    """The slides of a meeting."""

    items: tuple[Slide, ...]
    """In the order in which they first appeared."""
    unread: str | None
    """How many of them a model that sees has not read, and why; null where all were read, or nobody is to read them."""


@get("/meetings/{id:str}/slides", operation_id="listSlides", responses=problems(*OF_ONE))
async def list_slides(id: MeetingId, meetings: TheMeetings, caller: TheCaller) -> SlideList:
    """List the pictures of a shared screen or video that stayed on view; none where nothing was shown."""
    row = await meetings.meeting(id, caller.owner)
    return SlideList(await slides(meetings.store, row.id), await unread(meetings.store, row.id))


@route(
    "/meetings/{id:str}/slides/{slide:str}/image",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    operation_id=lambda _, method, __: "readSlide" if method is HttpMethod.GET else "measureSlide",
    status_code=200,
    responses={
        200: ResponseSpec(bytes, generate_examples=False, media_type=JPEG, description="The picture."),
        206: ResponseSpec(bytes, generate_examples=False, media_type=JPEG, description="The range."),
        304: ResponseSpec(None, generate_examples=False, description="The client has it already."),
        **problems(*OF_ONE, 416),
    },
)
async def read_slide(
    id: MeetingId, slide: SlideId, request: Request[Any, Any, Any], meetings: TheMeetings, caller: TheCaller
) -> ASGIResponse:
    """Return the picture of a slide as JPEG."""
    row = await meetings.meeting(id, caller.owner)
    return ranged(request, await picture(meetings.store, row.id, slide), row.created_at)


ROUTES = (list_slides, read_slide)
