"""Who said what, in every format."""

from typing import Annotated, Any, Literal

import anyio.to_thread
from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter

from api.bodies import TranscriptOperation
from api.errors import problems
from api.given import TheCaller, TheMeetings
from api.routes.common import OF_ONE, MeetingId, attachment
from pipeline.exports import FORMATS
from pipeline.transcript import Transcript

FormatName = Literal["json", "txt", "md", "srt", "vtt", "rttm", "docx"]
BY_TYPE = {made.media_type: made for made in FORMATS.values()}
JSON = FORMATS["json"].media_type


@get(
    "/meetings/{id:str}/transcript",
    operation_id="readTranscript",
    operation_class=TranscriptOperation,
    responses={
        200: ResponseSpec(Transcript, generate_examples=False, media_type=JSON, description="The transcript."),
        **problems(*OF_ONE),
    },
)
async def read_transcript(
    id: MeetingId,
    request: Request[Any, Any, Any],
    meetings: TheMeetings,
    caller: TheCaller,
    format: Annotated[
        FormatName | None, Parameter(description="File format; left out, the header Accept chooses.")
    ] = None,
) -> Response[bytes]:
    """Return what is known so far of who said what, with what users changed laid over it."""
    made = FORMATS[format] if format else BY_TYPE[request.accept.best_match(list(BY_TYPE)) or JSON]
    transcript = await meetings.transcript(id, caller.owner)
    # Five hours take a second to write.
    written = await anyio.to_thread.run_sync(made.write, transcript)
    name = attachment(transcript.title, made.suffix, inline=made.suffix == "json")
    return Response(written, media_type=made.media_type, headers={**name, "Vary": "Accept"})


ROUTES = (read_transcript,)
