"""The front door: each request -> who calls, or why not. Everything passes here before a route is looked for.

Plain ASGI that reads no body: tests/bench/doors.py measures what it costs.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from api.caller import LOCAL_ADMIN, Caller
from api.doors.answer_headers import AnswerHeaders
from api.doors.bucket import Buckets
from api.doors.callers import Callers
from api.doors.cross_origin import PREFLIGHT, check_preflight, is_preflight, shown_to
from api.doors.hosts import Hosts, is_elsewhere
from api.doors.knock import Credential, Knock, Scope, read
from api.doors.origins import SAFE, Origins
from api.doors.refusals import (
    ForeignPage,
    Headers,
    NobodyKnows,
    NotSignedIn,
    NotThere,
    Refused,
    TooMany,
    told,
)
from api.doors.settings import DoorSettings
from api.doors.watch import watched_http, watched_websocket
from pipeline.trace import KEY
from storage.records import DatabaseAway, RecordError

Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

DATA = ("/api/", "/v1/", "/v2/", "/rerank", "/score", "/metrics")
"""Below these, answers are made for one caller; everything else is a page."""


class Entry:
    """How a request got in: what guards note for the front door."""

    __slots__ = ("is_open",)

    def __init__(self) -> None:
        self.is_open = False
        """A guard found that the route is for everybody."""


class Front:
    """Lets in whoever may come in; `scope["user"]` is a Caller then, or None for a route that is open to all."""

    def __init__(
        self,
        app: App,
        settings: DoorSettings,
        callers: Callers,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._callers = callers
        self._clock = clock
        self._hosts = Hosts(settings)
        self._origins = Origins(settings)
        self._headers = AnswerHeaders(settings)
        self._buckets = Buckets(clock)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Let a request in or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        knock = read(scope)
        try:
            caller = await self._admit(knock, scope)
            if is_preflight(knock):
                check_preflight(knock, self._origins.allowed)
                await self._answer(knock, send, 204, PREFLIGHT, b"")
                return
        except Refused as refused:
            await self._refuse(knock, send, refused)
            return
        scope["user"], scope["auth"] = caller, Entry()
        KEY.set((caller.key_id if caller is not None else None) or "")
        watch = self._watch(knock.credential) if caller is not None and caller is not LOCAL_ADMIN else None
        if knock.is_websocket:
            if watch is not None:
                receive, send = watched_websocket(receive, send, watch, self._clock)
            await self._app(scope, receive, send)
            return
        out = self._dressed(knock, scope["auth"], send, is_anonymous=caller is None)
        await self._app(scope, receive, watched_http(out, watch, self._clock) if watch is not None else out)

    async def _admit(self, knock: Knock, scope: Scope) -> Caller | None:
        try:
            is_keyed = await self._callers.is_keyed()
            self._hosts.check(knock, is_keyed=is_keyed)
            if is_preflight(knock):
                return None
            if not is_keyed:
                self._check_is_local(knock, scope)
            caller = await self._identify(knock, is_keyed)
        except RecordError as error:
            raise NobodyKnows("The database that knows the keys does not answer. Try again in a moment.") from error
        if caller is not None:
            self._count(caller)
        return caller

    def _check_is_local(self, knock: Knock, scope: Scope) -> None:
        """Without keys, whoever reaches the server is its admin: nobody else's machine or page may.

        Raises:
            Refused: it does not come from this machine, or from a foreign page on it.
        """
        client = scope.get("client")
        came_through = b"x-forwarded-for" in knock.headers or b"forwarded" in knock.headers
        if came_through or (client and is_elsewhere(client[0])):
            raise NotSignedIn(
                "This server has no keys yet, and so serves its own machine only. Make one there: parley keys add "
                "--role admin NAME"
            )
        self._origins.check(knock)

    async def _identify(self, knock: Knock, is_keyed: bool) -> Caller | None:
        shown = knock.credential
        if shown is not None and (is_keyed or shown.kind == "share"):
            if shown.kind == "session":
                self._origins.check(knock, is_proof_needed=knock.is_websocket or knock.method not in SAFE)
            caller = await self._callers.of(shown)
            if caller is None and shown.kind == "share":
                raise NotThere("This link opens nothing, or not any more. Ask for a new one.")
            if caller is None and shown.kind == "key":
                raise NotSignedIn(
                    "This key is not known here, or was revoked. Check it, or ask for a new one.", is_wrong=True
                )
            if caller is not None:
                return caller
        if not is_keyed:
            return LOCAL_ADMIN
        if knock.method not in SAFE:
            self._origins.check(knock)
        return None

    def _count(self, caller: Caller) -> None:
        allowed = caller.limits.get("requests_per_minute")
        wait = self._buckets.take(caller.counted_as, allowed) if allowed is not None else 0
        if wait:
            raise TooMany(f"More than {allowed:g} requests a minute. Wait {wait} s, then go on.", wait)

    def _watch(self, credential: Credential | None) -> Callable[[], Awaitable[bool]] | None:
        if credential is None:
            return None

        async def is_valid() -> bool:
            try:
                return await self._callers.of(credential) is not None
            except DatabaseAway:
                return True  # what runs, runs on: nothing is new to decide

        return is_valid

    def _dressed(self, knock: Knock, entry: Entry, send: Send, *, is_anonymous: bool) -> Send:
        more = shown_to(knock, self._origins.allowed)
        is_data = knock.path.startswith(DATA)
        is_hidden = False

        async def dressed(message: Message) -> None:
            nonlocal is_hidden
            if is_hidden:
                return
            if message["type"] == "http.response.start":
                status = message["status"]
                if is_anonymous and status != 401 and (not entry.is_open or (is_data and status in (404, 405))):
                    # No guard opened it: a path without a route, or a route without guards. Nobody without a key
                    # learns which.
                    is_hidden = True
                    await self._refuse(knock, send, NotSignedIn())
                    return
                message["headers"] = self._headers.complete(message["headers"], more, is_data=is_data)
            await send(message)

        return dressed

    async def _refuse(self, knock: Knock, send: Send, refused: Refused) -> None:
        if knock.is_websocket:
            await send({"type": "websocket.close", "code": 4000 + refused.status_code, "reason": refused.title})
            return
        headers, body = told(refused, knock.path)
        # A foreign page is not told even why.
        more = [] if isinstance(refused, ForeignPage) else shown_to(knock, self._origins.allowed)
        await self._answer(knock, send, refused.status_code, headers + more, body)

    async def _answer(self, knock: Knock, send: Send, status: int, headers: Headers, body: bytes) -> None:
        more = shown_to(knock, self._origins.allowed) if status == 204 else []
        done = self._headers.complete(headers, more, is_data=True)
        await send({"type": "http.response.start", "status": status, "headers": done})
        await send({"type": "http.response.body", "body": b"" if knock.method == "HEAD" else body})
