"""The meeting in short: read it, or have it made again."""

from typing import Annotated, Any, Literal

import anyio.to_thread
import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, Parameter

from api.bodies import SummaryOperation
from api.errors import NotThere, problems
from api.given import TheCaller, TheMeetings, TheShelf
from api.routes.common import OF_ONE, MeetingId, attachment
from api.shapes import Meeting, SummaryShape, SummaryWishShape, meeting_of, summary_of
from pipeline.exports.summary import SUMMARY_FORMATS
from pipeline.exports.summary_outline import outline
from pipeline.slides import slides
from stages.evidence import cited_slides

JSON = "application/json"
BY_TYPE = {made.media_type: made for made in SUMMARY_FORMATS.values()}


@get(
    "/meetings/{id:str}/summary",
    operation_id="readSummary",
    operation_class=SummaryOperation,
    responses={
        200: ResponseSpec(SummaryShape, generate_examples=False, media_type=JSON, description="The summary."),
        **problems(*OF_ONE),
    },
)
async def read_summary(
    id: MeetingId,
    request: Request[Any, Any, Any],
    meetings: TheMeetings,
    caller: TheCaller,
    format: Annotated[
        Literal["json", "md", "txt", "docx"] | None,
        Parameter(description="File format; left out, the header Accept chooses."),
    ] = None,
) -> Response[bytes]:
    """Return the summary; 404 while there is none."""
    summary = await meetings.summary(id, caller.owner)
    if summary is None:
        raise NotThere("This meeting has no summary yet. Its state and its stages say whether one will come.")
    wanted = request.accept.best_match([JSON, *BY_TYPE]) or JSON
    kind = SUMMARY_FORMATS.get(format) if format else BY_TYPE.get(wanted)
    if kind is None:
        return Response(msgspec.json.encode(summary_of(summary)), media_type=JSON, headers={"Vary": "Accept"})
    transcript = await meetings.transcript(id, caller.owner)
    shown = await slides(meetings.store, id) if cited_slides(summary) else ()
    made = outline(summary, transcript, {slide.id: slide for slide in shown})
    written = await anyio.to_thread.run_sync(kind.write, made)
    headers = {**attachment(f"{transcript.title} summary", kind.suffix), "Vary": "Accept"}
    return Response(written, media_type=kind.media_type, headers=headers)


@post(
    "/meetings/{id:str}/summary",
    operation_id="summariseAgain",
    status_code=202,
    responses=problems(*OF_ONE, 409, 422),
)
async def summarise_again(
    id: MeetingId,
    meetings: TheMeetings,
    shelf: TheShelf,
    caller: TheCaller,
    data: JSONBody[SummaryWishShape | None] = None,
) -> Meeting:
    """Have the summary made again, by another template, language, length or model; the old one stays until then."""
    wish = data or SummaryWishShape()
    if wish.template is not None:
        await shelf.find(wish.template)
    row = await meetings.summarise_again(
        id,
        caller.owner,
        template=wish.template,
        language=wish.language,
        length=wish.length,
        model=wish.model,
        glossary=wish.glossary,
    )
    return meeting_of(row, await meetings.speakers(id, caller.owner))


ROUTES = (read_summary, summarise_again)
