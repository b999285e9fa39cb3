"""What stays open is looked at again: a key that is revoked ends its streams too.

A look is made when something passes, at most every few seconds, and is answered from memory for most.
"""

from collections.abc import Awaitable, Callable
from typing import Any

EVERY_SECONDS = 5.0
SIGNED_OUT = 4401
"""Close code of a WebSocket: our own range, after the status 401."""

Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
IsValid = Callable[[], Awaitable[bool]]
Clock = Callable[[], float]


class SignedOut(ConnectionAbortedError):
    """The credential that opened the stream is no longer valid; the connection ends in mid-stream."""


class _Look:
    """Asks whether a credential is still valid, at most every few seconds."""

    def __init__(self, is_valid: IsValid, clock: Clock) -> None:
        self._is_valid = is_valid
        self._clock = clock
        self._next = clock() + EVERY_SECONDS

    async def again(self) -> bool:
        now = self._clock()
        if now < self._next:
            return True
        self._next = now + EVERY_SECONDS
        return await self._is_valid()


def watched_http(send: Send, is_valid: IsValid, clock: Clock) -> Send:
    """Return a send that raises SignedOut once the credential is not valid any more."""
    look = _Look(is_valid, clock)

    async def watched(message: Message) -> None:
        if message["type"] == "http.response.body" and message.get("more_body") and not await look.again():
            raise SignedOut("The key was revoked, or the sign-in ended.")
        await send(message)

    return watched


def watched_websocket(receive: Receive, send: Send, is_valid: IsValid, clock: Clock) -> tuple[Receive, Send]:
    """Return a pair that closes the WebSocket once the credential is not valid any more."""
    look = _Look(is_valid, clock)
    is_over = False

    async def close_unless_valid() -> None:
        nonlocal is_over
        if not is_over and not await look.again():
            is_over = True
            await send({"type": "websocket.close", "code": SIGNED_OUT, "reason": "signed out"})

    async def watched_receive() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive":
            await close_unless_valid()
        return {"type": "websocket.disconnect", "code": SIGNED_OUT} if is_over else message

    async def watched_send(message: Message) -> None:
        if message["type"] == "websocket.send":
            await close_unless_valid()
        if not is_over:
            await send(message)

    return watched_receive, watched_send
