"""Uploads and live meetings that flow into a cluster, from clients who do not give up."""

import asyncio
import functools
import io
import random
import time
import wave
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import msgspec

from api.commands.live_client import LiveClient, LiveRefused
from tests.api.live.talk import RATE, sound

FRAME = RATE // 5 * 2
"""Bytes of a fifth of a second."""


class Upload(msgspec.Struct):
    """A recording that was accepted."""

    id: str
    pcm: bytes
    at: float
    """When, in seconds since 1970."""


class Live(msgspec.Struct):
    """A live meeting, as its client knows it."""

    pcm: bytes
    id: str = ""
    acknowledged: int = 0
    """Samples."""
    lines: int = 0
    """Connections that were lost."""
    refused: str | None = None
    """Why the server took no more, where it did not."""
    events: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """What was told, but for hypotheses."""
    ended: bool = False
    """Whether its client has heard of the end."""

    def told(self) -> str:
        """Say how far its client has come."""
        sent = len(self.pcm) // 2
        last = self.events[-1]["type"] if self.events else "nothing"
        return f"{self.id or 'no meeting'}, {self.acknowledged} of {sent} samples acknowledged, heard last of {last}"


class Load:
    """Everything that clients sent."""

    def __init__(self, address: str, seed: int) -> None:
        self.uploads: list[Upload] = []
        self.refused = 0
        """Uploads that nobody accepted: sent again as new ones."""
        self.lives: list[Live] = []
        self._address, self._random = address, random.Random(seed)

    async def run(self, seconds: float, *, live: int = 3, uploads: int = 2, longest: float = 60.0) -> None:
        """Send for so long, and until the last live meeting is processed."""
        end = time.monotonic() + seconds
        async with asyncio.TaskGroup() as tasks:
            for _ in range(live):
                tasks.create_task(self._talk(end, longest))
            for _ in range(uploads):
                tasks.create_task(self._upload(end, longest))

    def _sound(self, shortest: float, longest: float) -> bytes:
        return sound(self._random.uniform(shortest, longest), self._random.randrange(1 << 30))

    async def _upload(self, end: float, longest: float) -> None:
        while time.monotonic() < end:
            pcm = self._sound(5.0, longest)
            async with httpx.AsyncClient(base_url=self._address, timeout=60.0) as client:
                try:
                    answer = await client.post("/api/meetings", content=wav(pcm), headers={"Content-Type": "audio/wav"})
                except httpx.HTTPError:
                    self.refused += 1
                else:
                    if answer.status_code == 202:
                        self.uploads.append(Upload(answer.json()["id"], pcm, time.time()))
                    else:
                        self.refused += 1
            await asyncio.sleep(self._random.uniform(2.0, 8.0))

    async def _talk(self, end: float, longest: float) -> None:
        while time.monotonic() < end:
            one = Live(self._sound(10.0, longest))
            self.lives.append(one)
            client = LiveClient(self._address, None, {"title": "Chaos"}, functools.partial(_hear, one))
            try:
                await client.run(paced(one.pcm))
            except* LiveRefused as refusals:
                one.refused = str(refusals.exceptions[0])
            finally:
                one.id = client.meeting or ""
            one.ended = True


def wav(pcm: bytes) -> bytes:
    """Return samples as a file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pcm)
    return file.getvalue()


def _hear(one: Live, event: dict[str, Any]) -> None:
    if event["type"] == "ack":
        one.acknowledged = max(one.acknowledged, event["samples"])
    elif event["type"] == "line":
        one.lines += not event["stands"]
    elif event["type"] != "hypothesis":
        one.events.append(event)


async def paced(pcm: bytes) -> AsyncGenerator[bytes, None]:
    """Yield sound at the pace of the clock."""
    began = time.monotonic()
    for at in range(0, len(pcm), FRAME):
        await asyncio.sleep(max(0.0, began + at / (2 * RATE) - time.monotonic()))
        yield pcm[at : at + FRAME]
