"""The sound of a meeting, as it was sent, whole or in ranges."""

from collections.abc import AsyncGenerator
from email.utils import format_datetime
from typing import Any

from litestar import Request, route
from litestar.enums import HttpMethod
from litestar.openapi.datastructures import ResponseSpec
from litestar.response.base import ASGIResponse

from api.bodies import SoundOperation
from api.byte_range import wanted
from api.errors import problems
from api.given import TheCaller, TheMeetings
from api.routes.common import OF_ONE, MeetingId, attachment
from api.streams import ClosingStream
from pipeline.meetings import Audio

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
    audio = await meetings.audio(id, caller.owner)
    row = await meetings.meeting(id, caller.owner)
    etag = f'"{audio.etag.strip(chr(34))}"' if audio.etag else None
    stem, _, suffix = audio.file_name.rpartition(".")
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Last-Modified": format_datetime(row.created_at, usegmt=True),
        "X-Content-Type-Options": "nosniff",
        **({"ETag": etag} if etag else {}),
        **attachment(stem or suffix, suffix if stem else "bin", inline=True),
    }
    if etag and etag in _tags(request.headers.get("if-none-match")):
        return ASGIResponse(status_code=304, headers=headers)
    condition = request.headers.get("if-range")
    is_current = condition is None or condition.strip() in (etag, headers["Last-Modified"])
    found = wanted(request.headers.get("range"), audio.size) if is_current else None
    start, end = found or (0, audio.size)
    headers |= {"Content-Length": str(end - start), "Content-Type": audio.media_type}
    if found:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{audio.size}"
    status = 206 if found else 200
    if request.method == HttpMethod.HEAD:
        return ASGIResponse(status_code=status, headers=headers, is_head_response=True)
    return ClosingStream(iterator=_blocks(audio, start, end), status_code=status, headers=headers)


async def _blocks(audio: Audio, start: int, end: int) -> AsyncGenerator[bytes, None]:
    async for block in audio.stream(start, end):
        yield block


def _tags(header: str | None) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]


ROUTES = (read_audio,)
