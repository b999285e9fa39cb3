"""CORS: what foreign pages that were allowed may read. Closed by default.

Source: Fetch, section 3.2 (CORS protocol). No credentials: an allowed page shows a key, it never borrows a sign-in.
"""

from api.doors.knock import Knock
from api.doors.refusals import ForeignPage, Headers

PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
    (
        b"access-control-allow-headers",
        b"authorization, x-api-key, content-type, last-event-id, range, if-match, if-none-match",
    ),
    (b"access-control-max-age", b"600"),
    (b"content-length", b"0"),
]
READABLE = b"content-disposition, content-range, accept-ranges, etag, link, location, retry-after"


def is_preflight(knock: Knock) -> bool:
    """Tell whether a browser asks if a page may ask."""
    headers = knock.headers
    return knock.method == "OPTIONS" and b"origin" in headers and b"access-control-request-method" in headers


def check_preflight(knock: Knock, allowed: frozenset[bytes]) -> None:
    """Return if the page may ask.

    Raises:
        ForeignPage: it may not.
    """
    if knock.headers[b"origin"].lower() not in allowed:
        raise ForeignPage("This page may not ask. Its origin is not in allowed_origins in the table [doors].")


def shown_to(knock: Knock, allowed: frozenset[bytes]) -> Headers:
    """Return the headers that let an allowed page read the answer; none for all others."""
    if not allowed:
        return []
    vary = (b"vary", b"Origin")
    origin = knock.headers.get(b"origin")
    if origin is None or origin.lower() not in allowed:
        return [vary]
    return [vary, (b"access-control-allow-origin", origin), (b"access-control-expose-headers", READABLE)]
