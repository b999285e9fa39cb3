"""ASGI scope -> what a request says of itself: host, origin, credential. Secrets leave the address on the way."""

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

import msgspec

from api.doors.secrets import digest

Scope = dict[str, Any]
CredentialKind = Literal["key", "session", "share", "secret"]

COOKIE = "parley"
SECURE_COOKIE = "__Host-parley"
"""Browsers take this name only over HTTPS, for this host alone, and no other host can set it."""
PROTOCOL = "openai-insecure-api-key."
"""WebSocket sub-protocol in which OpenAI's clients hide a key where a browser lets them send no header."""
KEY_IN_ADDRESS = ("/v1/realtime",)
"""WebSockets that take `?api_key=`: addresses are logged along the way, so nothing else does."""
CLIENT_SECRET = "ek_"  # noqa: S105 - the beginning alone
"""What a client secret begins with: it opens `KEY_IN_ADDRESS` alone, for a short time."""
SHOWN_SECRET = "parley_client_secret"  # noqa: S105 - a name
"""Where the scope keeps the digest of the client secret that was shown."""
SHARED = "/api/shared/"
"""Below it, the path ends with a share token."""
SECRETS = (b"api_key", b"share")
"""Names in a query that no log may see."""

READ = frozenset(
    [
        b"access-control-request-method",
        b"authorization",
        b"cookie",
        b"forwarded",
        b"host",
        b"origin",
        b"sec-fetch-dest",
        b"sec-fetch-mode",
        b"sec-fetch-site",
        b"x-api-key",
        b"x-forwarded-for",
    ]
)


class Credential(msgspec.Struct, frozen=True):
    """What somebody shows at the door."""

    kind: CredentialKind
    """How it is checked."""
    text: str
    """The secret."""


class Knock(msgspec.Struct, frozen=True):
    """A request, as far as the doors look at it."""

    headers: dict[bytes, bytes]
    """The first of each name in `READ`; cookies joined."""
    method: str
    """GET for a WebSocket."""
    path: str
    """Decoded."""
    is_websocket: bool
    """It stays open, and browsers send it from any page."""
    credential: Credential | None
    """None where nothing is shown."""
    two_hosts: bool
    """It names two different hosts: no browser does that."""


def read(scope: Scope) -> Knock:
    """Read a scope; take the secrets out of its query and sub-protocols."""
    headers: dict[bytes, bytes] = {}
    two_hosts = False
    for name, value in scope["headers"]:
        if name in READ:
            if name not in headers:
                headers[name] = value
            elif name == b"cookie":
                headers[name] += b"; " + value
            elif name == b"host" and headers[name] != value:
                two_hosts = True
    is_websocket = scope["type"] == "websocket"
    return Knock(
        headers,
        "GET" if is_websocket else scope["method"],
        scope["path"],
        is_websocket,
        _credential(scope, headers, is_websocket),
        two_hosts,
    )


def _credential(scope: Scope, headers: dict[bytes, bytes], is_websocket: bool) -> Credential | None:
    query = _taken_out(scope) if b"=" in scope["query_string"] else {}
    path: str = scope["path"]
    share = path[len(SHARED) :] if path.startswith(SHARED) else query.get(b"share")
    if share is not None:
        return Credential("share", share)
    key = _key(headers)
    if key is None and is_websocket:
        key = _in_protocols(scope)
        if key is None and path in KEY_IN_ADDRESS:
            key = query.get(b"api_key")
    if key is not None and key.startswith(CLIENT_SECRET) and path in KEY_IN_ADDRESS:
        scope[SHOWN_SECRET] = digest(key).hex()
        return Credential("secret", key)
    if key is not None:
        return Credential("key", key)
    session = _cookie(headers.get(b"cookie"))
    return None if session is None else Credential("session", session)


def _key(headers: dict[bytes, bytes]) -> str | None:
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"bearer":
        return key.strip().decode("latin-1")
    other = headers.get(b"x-api-key")
    return None if other is None else other.strip().decode("latin-1")


def _taken_out(scope: Scope) -> dict[bytes, str]:
    """Take secrets out of the query, so that nothing behind the doors can log them."""
    query: bytes = scope["query_string"]
    if not any(name in query for name in SECRETS):
        return {}
    taken: dict[bytes, str] = {}
    left: list[bytes] = []
    for field in query.split(b"&"):
        name, _, value = field.partition(b"=")
        if name in SECRETS:
            taken.setdefault(name, unquote_to_bytes(value).decode("latin-1"))
        else:
            left.append(field)
    scope["query_string"] = b"&".join(left)
    return taken


def _in_protocols(scope: Scope) -> str | None:
    offered: Sequence[str] = scope.get("subprotocols") or ()
    keys = [each.removeprefix(PROTOCOL) for each in offered if each.startswith(PROTOCOL)]
    if not keys:
        return None
    scope["subprotocols"] = [each for each in offered if not each.startswith(PROTOCOL)]
    return keys[0]


def _cookie(cookies: bytes | None) -> str | None:
    if cookies is None or b"parley=" not in cookies:
        return None
    found = dict(each.strip().partition(b"=")[::2] for each in reversed(cookies.split(b";")))
    session = found.get(SECURE_COOKIE.encode()) or found.get(COOKIE.encode())
    return None if session is None else session.decode("latin-1")
