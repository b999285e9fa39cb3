"""Roles -> routes: what each route asks for, unless it says otherwise, is decided here.

A route says so with `opt={"door": "open" | "read" | "user" | "admin"}`. Without it: GET asks for `read`, everything
else for `user`, and what lies below /api/admin and /api/keys for `admin`. A share link reads one meeting: `PARTS`.
"""

import re
from typing import Any, Literal

from litestar.connection import ASGIConnection, WebSocket
from litestar.exceptions import WebSocketException
from litestar.handlers.base import BaseRouteHandler

from api.caller import Caller
from api.doors.knock import SHARED
from api.doors.origins import SAFE
from api.doors.refusals import NotAllowed, NotSignedIn, NotThere, Refused

Need = Literal["open", "read", "user", "admin"]

RANKS = {"read": 1, "user": 2, "admin": 3}
ADMIN_ONLY = ("/api/admin", "/api/keys")
PARTS = re.compile(r"(/(transcript|summary|audio|events|live|actions|slides|slides/[0-9]+/image))?", re.ASCII)
"""What a share link reads, below /api/meetings/{id}; and it follows the WebSocket /live there."""
ME = "/api/me"

Connection = ASGIConnection[Any, Any, Any, Any]


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Return if the caller may use the route. It waits for nothing, but one without `async` would run in a thread.

    Raises:
        Refused: it may not.
        WebSocketException: the same, for a WebSocket.
    """
    try:
        _check(connection, handler)
    except Refused as refused:
        if isinstance(connection, WebSocket):
            raise WebSocketException(detail=refused.title, code=4000 + refused.status_code) from refused
        raise


def _check(connection: Connection, handler: BaseRouteHandler) -> None:
    """Return if the caller may use the route.

    Raises:
        NotSignedIn: nobody calls, and the route is not open.
        NotThere: a share link reaches beyond its meeting.
        NotAllowed: the key's role does not reach that far.
    """
    need = need_of(connection, handler)
    if need == "open":
        connection.scope["auth"].is_open = True
        return
    caller: Caller | None = connection.scope.get("user")
    if caller is None:
        raise NotSignedIn
    if caller.role == "share":
        if not _is_shared(connection, caller):
            raise NotThere("There is nothing here for this link.")
    elif RANKS[caller.role] < RANKS[need]:
        raise NotAllowed(
            f"The key {caller.name or caller.key_id} has the role {caller.role!r}; this needs {need!r}. Ask an admin "
            "for a key that may do it."
        )


def need_of(connection: Connection, handler: BaseRouteHandler) -> Need:
    """Return what a route asks for."""
    said: Need | None = handler.opt.get("door")
    if said is not None:
        return said
    if connection.scope["path"].startswith(ADMIN_ONLY):
        return "admin"
    # A WebSocket has no method, and takes what is sent.
    return "read" if connection.scope.get("method") in SAFE else "user"


def _is_shared(connection: Connection, caller: Caller) -> bool:
    path = connection.scope["path"]
    if connection.scope.get("method", "GET") not in ("GET", "HEAD"):  # a WebSocket has none
        return False
    if path == ME or path.startswith(SHARED):
        return True  # the front door has read the token in it: the meeting is the caller's
    own = f"/api/meetings/{caller.meeting}"
    return bool(path.startswith(own)) and PARTS.fullmatch(path[len(own) :]) is not None
