"""Why somebody is not let in, and how that is told.

Refused                     litestar's HTTPException: handlers of errors see it like any other
├── NotSignedIn    401      no key, a wrong one, or one that was revoked
├── NotAllowed     403      the key's role does not reach that far
├── WrongHost      403      called by a name that is not the server's
├── ForeignPage    403      a page of somebody else asks in the name of whoever looks at it
├── NotThere       404      there is nothing, or nothing for this caller
├── TooMany        429      says when to come back
└── NobodyKnows    503      the database that knows the keys does not answer
"""

from litestar.exceptions import HTTPException

from api.dialects import error_body

Headers = list[tuple[bytes, bytes]]


class Refused(HTTPException):
    """Not let in."""

    status_code = 403
    title = "Forbidden"
    code = "forbidden"
    """As OpenAI's clients read it."""

    def __init__(self, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail=detail, headers=headers, status_code=self.status_code)


class NotSignedIn(Refused):
    """No key, a wrong one, or one that was revoked."""

    status_code = 401
    title = "Unauthorized"
    code = "invalid_api_key"

    def __init__(self, detail: str = "", *, is_wrong: bool = False) -> None:
        challenge = 'Bearer realm="Parley"' + (', error="invalid_token"' if is_wrong else "")
        super().__init__(
            detail or "This server asks for a key. Sign in, or send it as Authorization: Bearer pk_...",
            {"www-authenticate": challenge},
        )


class NotAllowed(Refused):
    """The key's role does not reach that far."""


class WrongHost(Refused):
    """Called by a name that is not the server's."""


class ForeignPage(Refused):
    """A page of somebody else asks in the name of whoever looks at it."""


class NotThere(Refused):
    """There is nothing, or nothing for this caller."""

    status_code = 404
    title = "Not Found"
    code = "not_found"


class TooMany(Refused):
    """Too many requests."""

    status_code = 429
    title = "Too Many Requests"
    code = "rate_limit_exceeded"

    def __init__(self, detail: str, wait_seconds: int) -> None:
        super().__init__(detail, {"retry-after": str(wait_seconds)})


class NobodyKnows(Refused):
    """The database that knows the keys does not answer."""

    status_code = 503
    title = "Service Unavailable"
    code = "server_error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, {"retry-after": "5"})


def told(refused: Refused, path: str) -> tuple[Headers, bytes]:
    """Return headers and body of the answer, in the shape that clients of this path read."""
    body, kind = error_body(path, refused.status_code, refused.detail, refused.code)
    headers = [(b"content-type", kind.encode()), (b"content-length", b"%d" % len(body))]
    headers += [(name.encode(), value.encode()) for name, value in (refused.headers or {}).items()]
    return headers, body
