"""Recordings that arrive -> meetings."""

from collections.abc import AsyncGenerator, Collection, Mapping
from typing import Any

import anyio
from litestar import Request, Response, post

from api.bodies import UploadOperation
from api.caller import Caller
from api.errors import BadRequest, NotThere, WrongType, problems
from api.forms import Form
from api.given import LargestUpload, TheCaller, TheMeetings, TheShelf
from api.incoming import Incoming
from api.routes.common import USUAL
from api.sample import SAMPLE, TITLE, sample
from api.shapes import Meeting, meeting_of
from api.wish import Wish, wish_of
from pipeline.meetings import Meetings, TooLarge
from pipeline.options import Options
from storage.rows import MeetingRow

FORM = "multipart/form-data"
FORM_OVERHEAD = 8 * 2**20
"""Bytes that a form may have beside its file."""
RAW = ("audio/", "video/")
RAW_TYPES = ("application/octet-stream", "application/ogg", "application/mp4", "application/x-matroska")
BLOCK = 256 * 1024

AnyRequest = Request[Any, Any, Any]


@post(
    "/meetings",
    operation_id="uploadMeeting",
    operation_class=UploadOperation,
    status_code=202,
    request_max_body_size=None,
    responses=problems(*USUAL, 408, 413, 415, 422, 507),
)
async def upload_meeting(
    request: AnyRequest, meetings: TheMeetings, shelf: TheShelf, caller: TheCaller, largest_upload: LargestUpload
) -> Response[Meeting]:
    """Send a recording: as the body, or as the field `file` of a form.

    The answer comes as soon as its bytes are durable; how the work on it goes, its events tell.
    """
    incoming, known = Incoming(request), await shelf.all()
    kind, parameters = request.content_type
    if kind == FORM:
        _check_size(incoming, largest_upload + FORM_OVERHEAD, largest_upload)
        form = Form(incoming.blocks(), parameters.get("boundary", ""))
        return _accepted(await _from_form(form, _query(request), known, meetings, caller))
    if not kind.startswith(RAW) and kind not in RAW_TYPES:
        raise WrongType(
            "Send the recording as audio/*, video/* or application/octet-stream, or as the field `file` of a form."
        )
    _check_size(incoming, largest_upload, largest_upload)
    wish = wish_of(_query(request), known)
    name = request.query_params.get("file_name")
    row = await meetings.accept(
        caller.owner, incoming.blocks(), file_name=name, media_type=kind, title=wish.title, options=wish.options
    )
    return _accepted(row)


@post("/meetings/sample", operation_id="trySample", status_code=202, responses=problems(*USUAL, 404, 413, 507))
async def try_sample(meetings: TheMeetings, caller: TheCaller) -> Response[Meeting]:
    """Make a meeting of a sample recording: half a minute of two people."""
    file = sample()
    if file is None:
        raise NotThere("The package moonshine-voice, which carries the sample, is not installed on this server.")
    options = Options(language="en", min_speakers=2, max_speakers=2)
    row = await meetings.accept(
        caller.owner, _read(anyio.Path(file)), file_name=SAMPLE, media_type="audio/wav", title=TITLE, options=options
    )
    return _accepted(row)


async def _from_form(
    form: Form, query: Mapping[str, str], known: Collection[str], meetings: Meetings, caller: Caller
) -> MeetingRow:
    if not await form.find_file():
        raise BadRequest("The form has no field `file`. Send the recording in it.")

    def wish() -> Wish:
        return wish_of({**query, **form.fields}, known)

    def late() -> tuple[str | None, Options]:
        return wish().title, wish().options

    first = wish()
    return await meetings.accept(
        caller.owner,
        form.file(),
        file_name=form.file_name,
        media_type=form.media_type,
        title=first.title,
        options=first.options,
        late=late,
    )


def _accepted(row: MeetingRow) -> Response[Meeting]:
    return Response(meeting_of(row, ()), headers={"Location": f"/api/meetings/{row.id}"})


def _check_size(incoming: Incoming, most: int, largest: int) -> None:
    if incoming.announced is not None and incoming.announced > most:
        raise TooLarge(f"A recording may have {largest / 1e9:.1f} GB at most. Send it in parts, or compress it.")


def _query(request: AnyRequest) -> dict[str, str]:
    return dict(request.query_params)


async def _read(path: anyio.Path) -> AsyncGenerator[bytes, None]:
    async with await path.open("rb") as file:
        while block := await file.read(BLOCK):
            yield block


ROUTES = (upload_meeting, try_sample)
