"""A provider's server for tests and benches: real HTTP over loopback, fast, and it fails as it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from tests.api.v1 import answers

HEAD = b"HTTP/1.1 %d OK\r\nContent-Type: %s\r\nX-Internal: 10.0.0.7\r\n"
EVENTS, NDJSON, JSON = b"text/event-stream; charset=utf-8", b"application/x-ndjson", b"application/json"


class FakeProvider:
    """Answers every dialect; what it shall do wrong is set on it."""

    def __init__(self, models: Iterable[str] = (answers.MODEL,)) -> None:
        self.models = list(models)
        """What it lists."""
        self.asked: list[tuple[str, dict[str, Any]]] = []
        """Path and body of each request, in order."""
        self.headers: list[bytes] = []
        """Head of each request."""
        self.refuses: int | None = None
        """Status that it answers everything with; None to do its work."""
        self.says: bytes = b'{"error": {"message": "Not now."}}'
        """Body that it refuses with."""
        self.retry_after: int | None = None
        """What it says with a refusal."""
        self.dies_after: int | None = None
        """Events after which it cuts the connection; 0 cuts it before any answer. None to live."""
        self.hangs = False
        """It reads requests, and never answers."""
        self.chunk_seconds = 0.0
        """Time between two events of a stream."""
        self.canned: bytes | None = None
        """Whole answer that is given without a look at the request."""
        self.left: asyncio.Queue[float] = asyncio.Queue()
        """Clock when a connection was lost with a request under way."""
        self.arrived: asyncio.Queue[str] = asyncio.Queue()
        """Path of each request that came."""
        self.open_requests = 0
        """Requests under way."""
        self.most_open = 0
        """Most of them at a time."""
        self._connections: set[_Connection] = set()

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[str]:
        """Listen; yields the address."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", port, backlog=4096)
        host, port = server.sockets[0].getsockname()[:2]
        try:
            yield f"http://{host}:{port}"
        finally:
            server.close()
            self.kill()

    def kill(self) -> None:
        """Cut all connections."""
        for connection in list(self._connections):
            connection.cut()

    def behave(self) -> None:
        """Do its work again, and forget what was asked."""
        self.refuses = self.dies_after = self.retry_after = self.canned = None
        self.hangs = False
        self.chunk_seconds = 0.0
        self.asked.clear()
        self.headers.clear()
        self.left, self.arrived = asyncio.Queue(), asyncio.Queue()

    def last(self) -> dict[str, Any]:
        """Return the body of the last request."""
        return self.asked[-1][1]


class _Connection(asyncio.Protocol):
    def __init__(self, provider: FakeProvider) -> None:
        self.provider = provider
        self.buffer = b""
        self.task: asyncio.Task[None] | None = None
        self.is_asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.provider._connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.provider._connections.discard(self)
        if self.is_asked:
            self._finished()
            self.provider.left.put_nowait(asyncio.get_running_loop().time())
        if self.task is not None:
            self.task.cancel()

    def cut(self) -> None:
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            length = _length(head)
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            if self.provider.canned is not None:
                self.transport.write(self.provider.canned)
            else:
                self._handle(head, body)

    def _handle(self, head: bytes, body: bytes) -> None:
        provider = self.provider
        path = head.split(b" ", 2)[1].decode()
        decoded = msgspec.json.decode(body) if body else {}
        if body:
            provider.asked.append((path, decoded))
            provider.headers.append(head)
            provider.arrived.put_nowait(path)
        self.is_asked = True
        provider.open_requests += 1
        provider.most_open = max(provider.most_open, provider.open_requests)
        if provider.hangs and body:
            return
        if provider.dies_after == 0 and body:
            self.cut()
        elif provider.refuses is not None:
            more = b"" if provider.retry_after is None else b"Retry-After: %d\r\n" % provider.retry_after
            self._whole(provider.refuses, provider.says, more)
        elif decoded.get("stream", path == "/api/chat"):
            self.task = asyncio.get_running_loop().create_task(self._stream(path, decoded))
        else:
            self._whole(200, msgspec.json.encode(_answer(provider, path, decoded)))

    def _whole(self, status: int, body: bytes, more: bytes = b"") -> None:
        self.transport.write(HEAD % (status, JSON) + more + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._finished()

    async def _stream(self, path: str, body: dict[str, Any]) -> None:
        kind = NDJSON if path.startswith("/api/") else EVENTS
        self.transport.write(HEAD % (200, kind) + b"Transfer-Encoding: chunked\r\n\r\n")
        for number, event in enumerate(_events(path, body)):
            if number == self.provider.dies_after:
                self.cut()
                return
            if self.provider.chunk_seconds:
                await asyncio.sleep(self.provider.chunk_seconds)
            encoded = msgspec.json.encode(event)
            self._chunk(encoded + b"\n" if kind == NDJSON else b"data: " + encoded + b"\n\n")
        if kind == EVENTS:
            self._chunk(b"data: [DONE]\n\n")
        self.transport.write(b"0\r\n\r\n")
        self._finished()

    def _chunk(self, data: bytes) -> None:
        self.transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def _finished(self) -> None:
        self.is_asked = False
        self.provider.open_requests -= 1


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def _answer(provider: FakeProvider, path: str, body: dict[str, Any]) -> Any:
    if path == "/v1/models":
        return answers.listing(provider.models)
    if path == "/api/tags":
        return {"models": [{"name": id, "model": id} for id in provider.models]}
    if path == "/info":
        return {"model_id": provider.models[0], "model_type": {"reranker": {}}, "max_input_length": 512}
    made: Mapping[str, Callable[[dict[str, Any]], Any]] = {
        "/v1/chat/completions": answers.chat,
        "/v1/completions": answers.completion,
        "/v1/embeddings": answers.embeddings,
        "/v1/images/generations": answers.image,
        "/v1/rerank": answers.rerank,
        "/v1/responses": answers.response,
        "/rerank": answers.tei_rerank,
        "/api/chat": lambda asked: list(answers.ollama_chat(asked))[-1],
    }
    return made[path](body)


def _events(path: str, body: dict[str, Any]) -> Iterable[dict[str, Any]]:
    made = {
        "/v1/chat/completions": answers.chat_events,
        "/v1/completions": answers.completion_events,
        "/api/chat": answers.ollama_chat,
    }[path]
    return made(body)
