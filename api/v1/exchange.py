"""One request and its answer, as plain ASGI: what the hot path needs of a web framework, and nothing else."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from api.caller import Caller
from pipeline.gateway.record import Record

Scope = Any
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

JSON = b"application/json"
SILENCE_SECONDS = 30.0
"""How long a client may send nothing while its body is not complete."""
MOST_DISCARDED = 512 * 2**20
"""Bytes of a body that is too large which are read and thrown away, so that its sender can read the refusal."""


class TooLargeBody(Exception):
    """The body is larger than is accepted."""

    def __init__(self, largest: int) -> None:
        super().__init__(f"The body is larger than {largest} bytes, which is the most that is accepted here.")


class TooSlowBody(Exception):
    """The client did not send anything for too long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Nothing of the body came for {seconds:g} s.")


class Left(Exception):
    """The client went away."""


class Exchange:
    """A request that is answered once, in one piece or in parts."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, caller: Caller | None) -> None:
        self.scope = scope
        """As ASGI gives it."""
        self.caller = caller
        """Who asks."""
        self.record = Record(path=scope["path"], caller=caller)
        """What audit and usage will say of it."""
        self.has_begun = False
        """Whether some of the answer was sent."""
        self.headers: list[tuple[bytes, bytes]] = []
        """What every answer to it carries."""
        self._receive, self._send = receive, send

    async def receive(self) -> Message:
        """Return the next ASGI message, for what reads the body by itself."""
        return await self._receive()

    async def body(self, largest: int, silence_seconds: float = SILENCE_SECONDS) -> bytes:
        """Read the body.

        Raises:
            TooLargeBody: it is larger.
            TooSlowBody: nothing came for too long.
            Left: the client went away before its end.
        """
        parts: list[bytes] = []
        size, has_more = 0, True
        while has_more and size <= MOST_DISCARDED:
            part, has_more = await self._part(silence_seconds)
            size += len(part)
            if size <= largest:
                parts.append(part)
            else:
                parts.clear()
        if size > largest:
            raise TooLargeBody(largest)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _part(self, silence_seconds: float) -> tuple[bytes, bool]:
        try:
            async with asyncio.timeout(silence_seconds):
                message = await self._receive()
        except TimeoutError as error:
            raise TooSlowBody(silence_seconds) from error
        if message["type"] == "http.disconnect":
            raise Left
        return message.get("body", b""), message.get("more_body", False)

    @contextlib.contextmanager
    def while_here(self) -> Iterator[None]:
        """Cancel what the block waits for as soon as the client goes away, also before the answer begins.

        Raises:
            Left: it went away.
        """
        task = asyncio.current_task()
        assert task is not None
        has_left = False

        def leave(gone: "asyncio.Future[Message]") -> None:
            nonlocal has_left
            if not gone.cancelled():
                gone.exception()
                has_left = True
                task.cancel()

        gone = asyncio.ensure_future(self._receive())
        gone.add_done_callback(leave)
        try:
            yield
        except asyncio.CancelledError as error:
            if has_left and not task.uncancel():
                raise Left from error
            raise
        finally:
            gone.remove_done_callback(leave)
            gone.cancel()

    async def answer(self, status: int, body: bytes, media_type: bytes = JSON, headers: Headers = ()) -> None:
        """Answer in one piece."""
        self.record.status = status
        self.has_begun = True
        length = (b"content-length", b"%d" % len(body))
        sent = [(b"content-type", media_type), length, *self.headers, *headers]
        await self._send({"type": "http.response.start", "status": status, "headers": sent})
        await self._send({"type": "http.response.body", "body": b"" if self.scope["method"] == "HEAD" else body})

    async def begin(self, media_type: bytes) -> None:
        """Begin an answer in parts."""
        self.record.status, self.record.stream = 200, True
        self.has_begun = True
        # No proxy between here and the client may gather what is sent.
        kept = [(b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]
        sent = [(b"content-type", media_type), *kept, *self.headers]
        await self._send({"type": "http.response.start", "status": 200, "headers": sent})

    async def part(self, block: bytes) -> None:
        """Send a part."""
        await self._send({"type": "http.response.body", "body": block, "more_body": True})

    async def end(self, block: bytes = b"") -> None:
        """Send the last part."""
        await self._send({"type": "http.response.body", "body": block})
