"""A provider that costs next to nothing: canned chats, and streams whose chunks carry the time at which they were sent.

Usage: python -m tests.bench.stub (prints its address)
"""

import asyncio
import time

import msgspec

CHUNKS = 100
CHUNK_SECONDS = 0.02
TEXT = "The budget was approved by the board last week, and the work begins on Monday."
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
SENT, END = b"@@", b"@"
"""What stands around the clock (nanoseconds) in the text of each chunk: whoever rewrites chunks keeps their text."""


def _whole(body: dict[str, object]) -> bytes:
    encoded = msgspec.json.encode(body)
    return HEAD % len(encoded) + encoded


CHAT = _whole(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_780_000_000,
        "model": "tiny",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 16, "total_tokens": 36},
    }
)
MODELS = _whole({"object": "list", "data": [{"id": "tiny", "object": "model", "created": 0, "owned_by": "stub"}]})
CHUNK = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1780000000,"model":"tiny",'
    b'"choices":[{"index":0,"delta":{"content":"@@%d@"},"finish_reason":null}]}\n\n'
)


class Stub(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self.buffer = b""
        self.streams: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        for stream in self.streams:
            stream.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            if not body:
                self.transport.write(MODELS)
            elif b'"stream":true' in body or b'"stream": true' in body:
                task = asyncio.get_running_loop().create_task(self._stream())
                self.streams.add(task)
                task.add_done_callback(self.streams.discard)
            else:
                self.transport.write(CHAT)

    async def _stream(self) -> None:
        loop = asyncio.get_running_loop()
        self.transport.write(STREAM)
        began = loop.time()
        for number in range(CHUNKS):
            self._chunk(CHUNK % time.monotonic_ns())
            await asyncio.sleep(began + (number + 1) * CHUNK_SECONDS - loop.time())
        self._chunk(b"data: [DONE]\n\n")
        self.transport.write(b"0\r\n\r\n")

    def _chunk(self, data: bytes) -> None:
        self.transport.write(b"%x\r\n%b\r\n" % (len(data), data))


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0, backlog=4096)
    host, port = server.sockets[0].getsockname()[:2]
    print(f"http://{host}:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
