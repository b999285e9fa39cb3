"""Raw samples -> a live meeting on a server, over as many connections as it takes."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from stages.speech import SAMPLE_RATE

WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each try to connect again; the last one repeats."""
PING_SECONDS = 15.0
"""While nothing is heard, the server is told that we are there."""
SILENT_SECONDS = 30.0
"""The server says something at least every 15 s: a line that is silent for so long is dead, whatever it looks like."""
FINAL = (4400, 4401, 4403, 4404, 4409, 4422, 4429)
"""Close codes after which another try would say the same."""

Event = dict[str, Any]


class LiveRefused(Exception):
    """The server does not take this meeting."""


class LiveClient:
    """Keeps what the server has not acknowledged, and sends it again after a lost connection."""

    def __init__(
        self,
        server: str,
        key: str | None,
        wish: Event,
        heard: Callable[[Event], None],
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        """Begin a meeting at a server's address; `heard` is told each event, and `line` {stands} of the connection."""
        self._silent_seconds = silent_seconds
        self.meeting: str | None = None
        """Its id, once it has begun."""
        self._server = server.rstrip("/").replace("http", "ws", 1)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._wish, self._heard = wish, heard
        self._kept: deque[bytes] = deque()
        self._first = 0
        self._end = 0
        self._cursor = 0
        self._more = asyncio.Event()
        self._complete = False
        self._is_taken = False
        self._seen = 0
        self._over = False
        self._refusal = "The server closed the connection."

    async def run(self, sound: AsyncGenerator[bytes, None]) -> None:
        """Send sound to its end, and listen until the final transcript is there.

        Raises:
            LiveRefused: the server does not take it.
        """
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(self._keep(sound))
            tries = 0
            while not self._over:
                try:
                    await self._converse()
                    tries = 0
                except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError) as error:
                    self._check(error)
                    self._heard({"type": "line", "stands": False})
                    await asyncio.sleep(WAITS[min(tries, len(WAITS) - 1)] * random.uniform(0.8, 1.2))  # noqa: S311
                    tries += 1
            keeping.cancel()

    async def _keep(self, sound: AsyncGenerator[bytes, None]) -> None:
        async with aclosing(sound):
            async for data in sound:
                self._kept.append(data)
                self._end += len(data)
                self._more.set()
        self._complete = True
        self._more.set()

    async def _converse(self) -> None:
        path = "/api/live"
        if self._is_taken:
            path = f"/api/meetings/{self.meeting}/live?after={self._seen}"
        async with connect(
            self._server + path, additional_headers=self._headers, max_size=None, open_timeout=10, close_timeout=2
        ) as socket:
            if path != "/api/live":
                await self._listen(socket)
                return
            await socket.send(msgspec.json.encode(self._start()).decode())
            ready = await self._until_ready(socket)
            self.meeting = ready["meeting"]
            self._cursor = self._first
            self._heard({"type": "line", "stands": True})
            sending = asyncio.create_task(self._send(socket))
            try:
                await self._listen(socket)
            finally:
                sending.cancel()
                with suppress(asyncio.CancelledError, ConnectionClosed):
                    await sending

    def _start(self) -> Event:
        known = {"meeting": self.meeting} if self.meeting else self._wish
        shape = {"format": "pcm_s16le", "sample_rate": SAMPLE_RATE, "first": self._first // 2, "after": self._seen}
        return {"type": "start", **known, **shape}

    async def _until_ready(self, socket: ClientConnection) -> Event:
        while (event := await self._next(socket))["type"] != "ready":
            self._take(event)
        return event

    async def _listen(self, socket: ClientConnection) -> None:
        while not self._over:
            self._take(await self._next(socket))

    async def _next(self, socket: ClientConnection) -> Event:
        async with asyncio.timeout(self._silent_seconds):
            event: Event = msgspec.json.decode(await socket.recv())
            return event

    def _take(self, event: Event) -> None:
        self._seen = event.get("seq", self._seen)
        if event["type"] == "ack":
            self._forget(event["samples"] * 2)
        elif event["type"] == "end":
            self._over = True
        elif event["type"] == "stage" and event["stage"]["name"] == "recording":
            self._is_taken = True  # until it says so, a server that dies forgets that we ended the meeting
        elif event["type"] == "error":
            self._refusal = event["message"]
        self._heard(event)

    def _forget(self, place: int) -> None:
        while self._kept and self._first + len(self._kept[0]) <= place:
            self._first += len(self._kept.popleft())

    async def _send(self, socket: ClientConnection) -> None:
        """Send what is kept from the cursor on, then what comes, and at the end say so."""
        while True:
            self._more.clear()
            at = self._first
            for data in list(self._kept):
                if at + len(data) > self._cursor:
                    await socket.send(data)
                    self._cursor = at + len(data)
                at += len(data)
            if self._complete and self._cursor >= self._end:
                await socket.send('{"type": "stop"}')
                return
            try:
                await asyncio.wait_for(self._more.wait(), PING_SECONDS)
            except TimeoutError:
                await socket.send('{"type": "ping"}')

    def _check(self, error: Exception) -> None:
        """Return if another try may help.

        Raises:
            LiveRefused: it would not.
        """
        if isinstance(error, InvalidStatus):
            status = error.response.status_code
            if status in (401, 403, 404):
                raise LiveRefused(f"The server refuses (HTTP {status}). Check the address, and the key (PARLEY_KEY).")
        code = error.rcvd.code if isinstance(error, ConnectionClosed) and error.rcvd else None
        if code in FINAL and not (code == 4409 and self._complete):
            raise LiveRefused(self._refusal) from error
        if code == 4409:
            self._kept.clear()  # it took the end of the meeting: what is left is to listen
            self._is_taken = True
