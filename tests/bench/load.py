"""Chats sent to a server: at a rate, over a number of connections, or as streams."""

import asyncio
import time
from collections import deque
from typing import NamedTuple

import msgspec

from tests.bench.stub import END, SENT

ASKED = {
    "model": "tiny",
    "messages": [
        {"role": "system", "content": "You are a helpful assistant that answers in one sentence. " * 8},
        {"role": "user", "content": "What was decided about the budget in the meeting of last week? " * 6},
    ],
    "temperature": 0.2,
    "max_tokens": 200,
}
"""About a kilobyte, like most chats."""
APART_SECONDS = 0.011
"""Between the beginnings of two streams."""


class Streamed(NamedTuple):
    """What came of streams."""

    first_bytes: list[float]
    """Seconds from asking to the first chunk, one for each stream."""
    delays: list[float]
    """Seconds from the moment a chunk was sent to the moment it came."""


class Asker(asyncio.Protocol):
    """A connection that is kept; one request at a time."""

    def __init__(self) -> None:
        self.buffer = b""
        self.answer: asyncio.Future[bytes] | None = None
        self.streamed: Streamed | None = None
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(ConnectionError("the server closed the connection"))

    def ask(self, request: bytes, streamed: Streamed | None = None) -> "asyncio.Future[bytes]":
        """Send a request; the future has the answer's head and, where it is no stream, its body."""
        self.answer = asyncio.get_running_loop().create_future()
        self.buffer, self.streamed, self.began = b"", streamed, time.monotonic()
        self.transport.write(request)
        return self.answer

    def data_received(self, data: bytes) -> None:
        assert self.answer is not None
        self.buffer += data
        if self.streamed is not None and b"200" in self.buffer[:15]:
            self._note(self.streamed)
            if b"[DONE]" in self.buffer and self.buffer.endswith(b"0\r\n\r\n"):
                self.answer.set_result(self.buffer)
            return
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        length = int(head[head.index(b"content-length:") + 15 :].split(b"\r\n", 1)[0])
        if len(self.buffer) >= end + 4 + length:
            self.answer.set_result(self.buffer)

    def _note(self, streamed: Streamed) -> None:
        now = time.monotonic_ns()
        *whole, rest = self.buffer.split(SENT)
        if not whole:
            return
        if self.began:
            streamed.first_bytes.append(now / 1e9 - self.began)
            self.began = 0.0
        pieces = [*whole[1:], rest]
        streamed.delays.extend((now - int(piece[: piece.index(END)])) / 1e9 for piece in pieces if END in piece)
        # What follows the last whole clock may still be cut.
        self.buffer = b"HTTP/1.1 200 " + (rest.partition(END)[2] if END in rest else SENT + rest)


class Load:
    """Sends chats to one server."""

    def __init__(self, url: str, key: str = "") -> None:
        host, port = url.removeprefix("http://").split(":")
        self._place = host, int(port)
        self._request = _request(url, key, ASKED)
        self._stream = _request(url, key, ASKED | {"stream": True})
        self._idle: deque[Asker] = deque()

    async def at_rate(self, per_second: float, seconds: float) -> list[float]:
        """Send so many a second, whatever comes back. Returns seconds from the intended moment to the whole answer."""
        loop = asyncio.get_running_loop()
        began, tasks = loop.time() + 0.05, []
        for number in range(int(per_second * seconds)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - loop.time()))
            tasks.append(loop.create_task(self._one(due)))
        return list(await asyncio.gather(*tasks))

    async def as_fast_as_can_be(self, connections: int, seconds: float) -> int:
        """Send one after the other over so many connections. Returns how many were answered."""
        askers = [await self._asker() for _ in range(connections)]
        until = asyncio.get_running_loop().time() + seconds

        async def one_after_the_other(asker: Asker) -> int:
            count = 0
            while asyncio.get_running_loop().time() < until:
                _check(await asker.ask(self._request))
                count += 1
            return count

        counts = await asyncio.gather(*(one_after_the_other(asker) for asker in askers))
        self._idle.extend(askers)
        return sum(counts)

    async def streams(self, count: int) -> Streamed:
        """Ask for so many streams, that begin one after the other and then go on together."""
        streamed = Streamed([], [])
        askers = [await self._asker() for _ in range(count)]
        answers = []
        for asker in askers:
            answers.append(asker.ask(self._stream, streamed))
            await asyncio.sleep(APART_SECONDS)
        await asyncio.gather(*answers)
        self._idle.extend(askers)
        return streamed

    def close(self) -> None:
        """Close all connections."""
        for asker in self._idle:
            asker.transport.close()

    async def _one(self, due: float) -> float:
        asker = await self._asker()
        _check(await asker.ask(self._request))
        self._idle.append(asker)
        return asyncio.get_running_loop().time() - due

    async def _asker(self) -> Asker:
        while self._idle:
            asker = self._idle.popleft()
            if not asker.transport.is_closing():
                return asker
        _, asker = await asyncio.get_running_loop().create_connection(Asker, *self._place)
        return asker


def _check(answer: bytes) -> None:
    if b" 200 " not in answer[:15]:
        raise RuntimeError(answer[:500].decode(errors="replace"))


def _request(url: str, key: str, asked: object) -> bytes:
    body = msgspec.json.encode(asked)
    head = [b"POST /v1/chat/completions HTTP/1.1", b"Host: " + url.removeprefix("http://").encode()]
    head += [b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
    if key:
        head.append(b"Authorization: Bearer " + key.encode())
    return b"\r\n".join([*head, b"", body])
