"""A request's body -> bytes as they arrive, or an error that says why they do not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request

from api.errors import BadRequest, TooSlow, WentAway

IDLE_SECONDS = 120.0
"""A client that sends nothing for so long is given up."""


async def body_of(request: Request[Any, Any, Any], idle_seconds: float = IDLE_SECONDS) -> AsyncIterator[bytes]:
    """Yield the body block by block, never more of it in memory than one block.

    Raises:
        WentAway: the client left before its body was complete.
        TooSlow: it sends nothing any more.
    """
    announced, got, more = announced_size(request), 0, True
    while more:
        try:
            async with asyncio.timeout(idle_seconds):
                event = await request.receive()
        except TimeoutError as error:
            raise TooSlow(f"Nothing came for {idle_seconds:.0f} s. Send the recording again.") from error
        if event["type"] != "http.request":
            raise WentAway("The connection ended before everything was sent; nothing was kept. Send it again.")
        got += len(event["body"])
        more = event["more_body"]
        if event["body"]:
            yield event["body"]
    if announced is not None and got < announced:
        raise WentAway(f"{got} of {announced} bytes came; nothing was kept. Send it again.")


def announced_size(request: Request[Any, Any, Any]) -> int | None:
    """Return how many bytes the client says that it sends; None where it does not say.

    Raises:
        BadRequest: what it says is no number.
    """
    said = request.headers.get("content-length")
    if said is None:
        return None
    if not said.isascii() or not said.isdigit():
        raise BadRequest("Content-Length must be a number of bytes.")
    return int(said)
