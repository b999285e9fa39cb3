"""Bytes that lie in the store -> an answer: whole, a range, or the news that the client has them already.

Source: RFC 9110, sections 13 and 14.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Protocol

from litestar import Request
from litestar.enums import HttpMethod
from litestar.response.base import ASGIResponse

from api.byte_range import wanted
from api.routes.common import attachment
from api.streams import ClosingStream


class Bytes(Protocol):
    """What lies in the store, of which nothing is read yet."""

    @property
    def media_type(self) -> str:
        """What it is; never what a browser runs."""

    @property
    def size(self) -> int:
        """How many bytes."""

    @property
    def file_name(self) -> str:
        """Name for a download."""

    @property
    def etag(self) -> str | None:
        """Changes with the content."""

    @property
    def stream(self) -> Callable[[int, int], AsyncIterator[bytes]]:
        """Yields the bytes start..end."""


def ranged(request: Request[Any, Any, Any], found: Bytes, changed_at: datetime) -> ASGIResponse:
    """Answer with bytes. Raises `NotSatisfiable`."""
    etag = f'"{found.etag.strip(chr(34))}"' if found.etag else None
    stem, _, suffix = found.file_name.rpartition(".")
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Last-Modified": format_datetime(changed_at, usegmt=True),
        "X-Content-Type-Options": "nosniff",
        **({"ETag": etag} if etag else {}),
        **attachment(stem or suffix, suffix if stem else "bin", inline=True),
    }
    if etag and etag in _tags(request.headers.get("if-none-match")):
        return ASGIResponse(status_code=304, headers=headers)
    condition = request.headers.get("if-range")
    is_current = condition is None or condition.strip() in (etag, headers["Last-Modified"])
    part = wanted(request.headers.get("range"), found.size) if is_current else None
    start, end = part or (0, found.size)
    headers |= {"Content-Length": str(end - start), "Content-Type": found.media_type}
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    status = 206 if part else 200
    if request.method == HttpMethod.HEAD:
        return ASGIResponse(status_code=status, headers=headers, is_head_response=True)
    return ClosingStream(iterator=_blocks(found, start, end), status_code=status, headers=headers)


async def _blocks(found: Bytes, start: int, end: int) -> AsyncGenerator[bytes, None]:
    async for block in found.stream(start, end):
        yield block


def _tags(header: str | None) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
