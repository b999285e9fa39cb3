"""A request's body -> bytes as they arrive, or an error that says why they do not."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from litestar import Request

from api.errors import BadRequest, TooSlow, WentAway
from api.unread import UNREAD, discard

IDLE_SECONDS = 120.0
"""A client that sends nothing for so long is given up."""


class Incoming:
    """The body of one request, read once, never more of it in memory than one block."""

    def __init__(self, request: Request[Any, Any, Any], idle_seconds: float = IDLE_SECONDS) -> None:
        self._request = request
        self._idle_seconds = idle_seconds
        self._over = False
        request.scope[UNREAD] = self.discard  # type: ignore[literal-required]
        self.announced = _announced(request)
        """Bytes that the client says it sends; None where it does not say."""

    async def blocks(self) -> AsyncGenerator[bytes, None]:
        """Yield what comes.

        Raises:
            WentAway: the client left before its body was complete.
            TooSlow: it sends nothing any more.
        """
        got = 0
        while not self._over:
            block = await self._next()
            got += len(block)
            if block:
                yield block
        if self.announced is not None and got < self.announced:
            raise WentAway(f"{got} of {self.announced} bytes came; nothing was kept. Send it again.")

    async def discard(self) -> None:
        """Read what still comes, and keep nothing of it."""
        if not self._over:
            self._over = True
            await discard(self._request)

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(self._idle_seconds):
                event = await self._request.receive()
        except TimeoutError as error:
            self._over = True
            raise TooSlow(f"Nothing came for {self._idle_seconds:.0f} s. Send the recording again.") from error
        if event["type"] != "http.request":
            self._over = True
            raise WentAway("The connection ended before everything was sent; nothing was kept. Send it again.")
        self._over = not event["more_body"]
        return event["body"]


def _announced(request: Request[Any, Any, Any]) -> int | None:
    said = request.headers.get("content-length")
    if said is None:
        return None
    if not said.isascii() or not said.isdigit():
        raise BadRequest("Content-Length must be a number of bytes.")
    return int(said)
