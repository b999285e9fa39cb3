"""A meeting over a server that is killed again and again, and a client that comes back."""

import asyncio
import random
import signal
import time
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import msgspec

from api.commands.live_client import LiveClient
from tests.api.live.talk import RATE

FRAME = RATE // 10 * 2


class Survived(msgspec.Struct):
    """What came of it."""

    meeting: str = ""
    """Id of the meeting."""
    kills: int = 0
    """Servers that were killed."""
    acknowledged: int = 0
    """Samples that were acknowledged at the last kill."""
    events: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """What the client was told."""


async def hold_meeting(
    command: Sequence[str], port: int, data: bytes, how: Sequence[int], seed: int, speed: float
) -> Survived:
    """Send sound `speed` times as fast as it is heard, while the server at a port dies of signals at random moments."""
    survived, random_ = Survived(), random.Random(seed)
    progress = asyncio.Condition()
    sent = 0

    async def pieces() -> AsyncGenerator[bytes, None]:
        nonlocal sent
        began = time.monotonic()
        for at in range(0, len(data), FRAME):
            await asyncio.sleep(max(0.0, began + at / (2 * RATE) / speed - time.monotonic()))
            yield data[at : at + FRAME]
            sent = at + FRAME
            async with progress:
                progress.notify_all()

    def hear(event: dict[str, Any]) -> None:
        survived.events.append(event)
        survived.acknowledged = max(survived.acknowledged, event.get("samples", 0))

    client = LiveClient(f"http://127.0.0.1:{port}", None, {"title": "Killed"}, hear)
    server = await started(command)
    talking = asyncio.create_task(client.run(pieces()))
    try:
        moments = sorted(random_.uniform(0.05, 0.95) for _ in how)
        for moment, death in zip(moments, how, strict=True):
            async with progress:
                while sent < moment * len(data):
                    await progress.wait()
            server.send_signal(death)
            await server.wait()
            survived.kills += 1
            server = await started(command)
        async with asyncio.timeout(300):
            await talking
    finally:
        talking.cancel()
        server.send_signal(signal.SIGTERM)
        await server.wait()
    survived.meeting = client.meeting or ""
    return survived


async def started(command: Sequence[str]) -> asyncio.subprocess.Process:
    """Start a server, and return when it listens."""
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    async with asyncio.timeout(120):
        while b"listen" not in (line := await server.stdout.readline()):
            assert line, "the server ended before it listened"
    return server
