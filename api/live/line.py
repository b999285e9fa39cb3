"""One WebSocket: frames in, events out, and a clear end."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import anyio
import msgspec
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from api.live.refusals import Ending, Stuck, TooBig
from storage.rows import EventRow

AnySocket = WebSocket[Any, Any, Any]
LARGEST_FRAME = 1 << 20
"""Bytes: half a minute of raw samples at 16 kHz, and more than any recorder sends at once."""
LONGEST_REASON = 120
"""Bytes of a close frame's reason. Source: RFC 6455, section 5.5, less its code."""


class Gone(Exception):
    """The client went away."""


class Line:
    """Sends one event at a time; a client that takes nothing for too long is given up."""

    def __init__(self, socket: AnySocket, stuck_seconds: float) -> None:
        self._socket, self._stuck_seconds = socket, stuck_seconds
        self._turn = anyio.Lock()
        self.told = anyio.current_time()
        """When something was last sent."""

    async def receive(self, largest: int = LARGEST_FRAME) -> str | bytes:
        """Return the next frame, of at most so many bytes.

        Raises:
            Gone: there is none.
            TooBig: it is larger than any recorder sends.
        """
        message: Mapping[str, Any] = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise Gone
        text: str | None = message.get("text")
        frame: str | bytes = text if text is not None else message.get("bytes") or b""
        if len(frame) > largest:
            raise TooBig(f"A frame has {largest} bytes at most. Send sound as it is recorded.")
        return frame

    async def tell(self, name: str, **told: Any) -> None:
        """Send an event that is not numbered."""
        await self.send(msgspec.json.encode({"type": name, **told}))

    async def pass_on(self, event: EventRow) -> None:
        """Send an event of the meeting; its number goes into its JSON."""
        if event.number:
            await self.send(b'{"seq":%d,%b' % (event.number, event.data[1:]))
        else:
            await self.send(event.data)

    async def send(self, message: bytes) -> None:
        """Send JSON.

        Raises:
            Gone: nobody is there any more.
            Stuck: the client does not take it.
        """
        try:
            with anyio.fail_after(self._stuck_seconds):
                async with self._turn:
                    await self._socket.send_data(message.decode(), mode="text")
        except TimeoutError as error:
            raise Stuck from error
        except (WebSocketDisconnect, RuntimeError, ConnectionError) as error:
            raise Gone from error
        self.told = anyio.current_time()

    async def end(self, ending: Ending | None = None) -> None:
        """Say why it ends, where there is a reason, and close."""
        with anyio.move_on_after(self._stuck_seconds, shield=True), suppress(Gone, Stuck):
            if ending is not None:
                await self.tell("error", code=ending.code, message=ending.message)
            reason = ending.message.encode()[:LONGEST_REASON].decode(errors="ignore") if ending else ""
            with suppress(WebSocketDisconnect, RuntimeError, ConnectionError):
                await self._socket.close(code=ending.close if ending else 1000, reason=reason)


def first_of(group: BaseExceptionGroup[Any]) -> BaseException:
    """Return what went wrong first in tasks that ran together."""
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
