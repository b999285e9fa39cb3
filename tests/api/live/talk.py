"""A client of live meetings, as a test wants one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

RATE = 16_000
PATIENCE_SECONDS = 20.0


def sound(seconds: float, seed: int = 0) -> bytes:
    """Return noise, as raw samples at 16 kHz: no two stretches of it are alike."""
    return np.random.default_rng(seed).integers(-3000, 3000, round(seconds * RATE)).astype("<i2").tobytes()


class Talk:
    """One connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []
        """Everything that was told, in order."""
        self.meeting = ""
        """Id of the meeting, once it is ready."""

    async def start(self, **wish: Any) -> dict[str, Any]:
        """Begin or go on with a meeting; return `ready`."""
        await self.say("start", **wish)
        ready = await self.until("ready")
        self.meeting = ready["meeting"]
        return ready

    async def say(self, name: str, **what: Any) -> None:
        """Send a message."""
        await self.socket.send(msgspec.json.encode({"type": name, **what}).decode())

    async def until(self, name: str, **like: Any) -> dict[str, Any]:
        """Return the next event of that name with these fields."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                told = msgspec.json.decode(await self.socket.recv())
                self.heard.append(told)
                if told["type"] == name and all(told.get(field) == value for field, value in like.items()):
                    return dict(told)

    async def over(self) -> tuple[int, str]:
        """Return close code and reason once the server closes; what it says before is heard."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                while True:
                    self.heard.append(msgspec.json.decode(await self.socket.recv()))
            except ConnectionClosed:
                return self.socket.close_code or 0, self.socket.close_reason or ""

    def told(self, name: str) -> list[dict[str, Any]]:
        """Return the events of that name so far."""
        return [told for told in self.heard if told["type"] == name]


@asynccontextmanager
async def talk(port: int, path: str = "/api/live", **options: Any) -> AsyncGenerator[Talk, None]:
    """Connect to a server on this machine."""
    async with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, **options) as socket:
        yield Talk(socket)
