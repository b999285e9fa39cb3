"""A request's body -> bytes as they arrive, or an error that says why they do not."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import anyio
from litestar import Request

from api.errors import BadRequest, TooSlow, WentAway
from api.unread import UNREAD, discard
from pipeline.meetings import TooLarge

IDLE_SECONDS = 120.0
"""A client that sends nothing for so long is given up."""
GATHERED = 2**20
"""Bytes that are written to a file at once."""


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


async def keep(path: anyio.Path, blocks: AsyncGenerator[bytes, None], most: int) -> None:
    """Write what comes to a file.

    Raises:
        TooLarge: more than `most` bytes come.
    """
    size, gathered = 0, bytearray()
    async with await path.open("wb") as file:
        async for block in blocks:
            size += len(block)
            if size > most:
                raise TooLarge(f"A recording may have {most / 1e9:.1f} GB at most. Send it in parts, or compress it.")
            gathered += block
            if len(gathered) >= GATHERED:
                await file.write(bytes(gathered))
                gathered.clear()
        await file.write(bytes(gathered))


def _announced(request: Request[Any, Any, Any]) -> int | None:
    said = request.headers.get("content-length")
    if said is None:
        return None
    if not said.isascii() or not said.isdigit():
        raise BadRequest("Content-Length must be a number of bytes.")
    return int(said)
