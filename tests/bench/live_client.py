"""Sound at the pace of the clock -> what a client of a live meeting is told, and when."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from typing import IO, Any

import msgspec
from websockets.asyncio.client import connect

FRAME = 3_200
"""Bytes: a tenth of a second at 16 kHz."""
RATE = 32_000
"""Bytes of a second."""


class Told(msgspec.Struct, frozen=True):
    """An event, as the client got it."""

    at: float
    """Seconds of the meeting's clock, which begins with its first sample."""
    event: dict[str, Any]
    """What was told."""


class _Typed(msgspec.Struct):
    type: str


class Took(msgspec.Struct):
    """What a meeting was like for its client. Events lie in a file, since memory that is measured is this process's."""

    meeting: str = ""
    """Its id."""
    began: float = 0.0
    """When its first sample was sent, on `time.monotonic`."""
    sent: int = 0
    """Bytes."""
    _spool: IO[bytes] = msgspec.field(default_factory=tempfile.TemporaryFile)

    @property
    def told(self) -> Sequence[Told]:
        """Everything that was told."""
        self._spool.seek(0)
        return [msgspec.json.decode(line, type=Told) for line in self._spool]

    def note(self, at: float, message: bytes) -> None:
        """Keep an event that came `at` this moment of the meeting's clock."""
        self._spool.write(b'{"at":%f,"event":%s}\n' % (at, message))

    def events(self, *names: str) -> Sequence[Told]:
        """Return the events of these names."""
        return [told for told in self.told if told.event["type"] in names]


async def stream(port: int, pcm: bytes, *, speed: float = 1.0, stop: bool = True) -> Took:
    """Send sound, `speed` times as fast as it is heard; listen to the end of the meeting if it is to `stop`."""
    took = Took()
    async with connect(f"ws://127.0.0.1:{port}/api/live", max_size=None, max_queue=None) as socket:
        await socket.send('{"type": "start"}')
        took.meeting = msgspec.json.decode(await socket.recv())["meeting"]
        took.began = time.monotonic()
        ears = asyncio.create_task(_listen(socket, took, speed))
        for at in range(0, len(pcm), FRAME):
            due = took.began + (at + FRAME) / RATE / speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await socket.send(pcm[at : at + FRAME])
            took.sent = min(len(pcm), at + FRAME)
        if stop:
            await socket.send('{"type": "stop"}')
            await ears
        ears.cancel()
    return took


async def _listen(socket: Any, took: Took, speed: float) -> None:
    async for message in socket:
        took.note((time.monotonic() - took.began) * speed, message.encode())
        if msgspec.json.decode(message, type=_Typed).type == "end":
            return
