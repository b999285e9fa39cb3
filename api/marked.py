"""The outermost layer: each request gets an id, which its answer, its log lines and its job carry."""

import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from pipeline.trace import REQUEST, span

App = Callable[[Any, Any, Any], Awaitable[None]]

GIVEN = re.compile(rb"[0-9A-Za-z._-]{1,64}")
"""An id that a proxy gave is taken over if it can do no harm in a log or a header."""
LOG = logging.getLogger("parley.access")


class Marked:
    """Plain ASGI: reads `X-Request-Id` or makes one, and sends it back."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request under its id."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        id = given.decode() if GIVEN.fullmatch(given) else uuid4().hex
        began, status = time.perf_counter(), 0

        async def marked(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", id.encode())]
            await send(message)

        token = REQUEST.set(id)
        kind = scope.get("method", "WEBSOCKET")
        parent = headers.get(b"traceparent", b"").decode("latin-1")
        try:
            with span("request", parent, method=kind, request=id):
                await self._app(scope, receive, marked)
        finally:
            if LOG.isEnabledFor(logging.INFO):
                # The route and not the address, which may hold what is secret; a path without a route says nothing.
                route = scope.get("path_template") or "-"
                LOG.info("%s %s %s %.1f ms", kind, route, status or "-", (time.perf_counter() - began) * 1000)
            REQUEST.reset(token)
