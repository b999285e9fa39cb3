"""The page: files of web/, and its start for every address that the page itself understands."""

import hashlib
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import msgspec
from litestar import Request, route
from litestar.enums import HttpMethod
from litestar.response.base import ASGIResponse

from api.errors import NotThere
from api.given import WebFolder

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What is served, by suffix; a file of another kind does not belong to the page."""
VIEWS = ("meetings", "s", "live", "room", "search", "settings", "playground", "models", "keys")
"""First parts of the addresses that the page itself understands."""
START = "index.html"
NOT_FOUND = 404


class WebFile(msgspec.Struct, frozen=True):
    """A file of the page."""

    content: bytes
    """All of it."""
    media_type: str
    """For Content-Type."""
    etag: str
    """Changes with the content."""


@route(
    ["/", "/{path:path}"],
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    include_in_schema=False,
    opt={"door": "open"},
    status_code=200,
)
async def page(request: Request[Any, Any, Any], web_folder: WebFolder) -> ASGIResponse:
    """Return a file of the page, or the page itself."""
    status, found = await anyio.to_thread.run_sync(_file, web_folder, request.scope["path"])
    if status == NOT_FOUND and not _wants_a_page(request):
        raise NotThere("Nothing lies at this address. The page begins at /.")
    headers = {"ETag": found.etag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if status != NOT_FOUND and found.etag in _tags(request):
        return ASGIResponse(status_code=304, headers=headers)
    headers |= {"Content-Type": found.media_type, "Content-Length": str(len(found.content))}
    if request.method == HttpMethod.HEAD:
        return ASGIResponse(status_code=status, headers=headers, is_head_response=True)
    return ASGIResponse(body=found.content, status_code=status, headers=headers)


def _file(folder: Path, path: str) -> tuple[int, WebFile]:
    """Return a file and 200; the start of the page where there is none, with 404 unless it knows the address."""
    parts = [part for part in path.split("/") if part] or [START]
    found = _read(folder, parts)
    if found is not None:
        return 200, found
    start = _read(folder, [START])
    if start is None:
        raise NotThere("The page is not installed: the folder web/ has no index.html.")
    return 200 if parts[0] in VIEWS else NOT_FOUND, start


def _wants_a_page(request: Request[Any, Any, Any]) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _read(folder: Path, parts: list[str]) -> WebFile | None:
    try:
        file = folder.joinpath(*parts).resolve()
        if not file.is_relative_to(folder.resolve()) or file.suffix not in TYPES:
            return None
        content = file.read_bytes()
    except (OSError, ValueError):  # there is none, or no file system knows such a name
        return None
    return WebFile(content, TYPES[file.suffix], f'"{hashlib.sha256(content).hexdigest()[:24]}"')


def _tags(request: Request[Any, Any, Any]) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]


ROUTES = (page,)
