"""What a refused client still sends -> read, and kept nowhere: who is cut off while sending never sees the answer."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from litestar import Request

UNREAD = "parley_unread"
"""Where the scope of a request keeps what reads the rest of its body."""
LINGER_SECONDS = 30.0
"""Whoever sends for longer is cut off."""
TOO_LARGE = 413


def unread_of(request: Request[Any, Any, Any], status: int) -> Callable[[], Awaitable[None]] | None:
    """Return what reads the rest of a body that was refused; None where nothing is left, as far as is known."""
    known: Callable[[], Awaitable[None]] | None = request.scope.get(UNREAD)  # type: ignore[assignment]
    if known is None and status == TOO_LARGE:
        return partial(discard, request)
    return known


async def discard(request: Request[Any, Any, Any]) -> None:
    """Read to the end of the body."""
    more = True
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while more:
                event = await request.receive()
                more = event["type"] == "http.request" and event["more_body"]
    except TimeoutError:
        return  # it has its answer
