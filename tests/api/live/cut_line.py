"""A line to a server that can be cut: a small relay of TCP."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress


class Line:
    """Passes bytes on; `cut` ends every connection at once, as a network does."""

    def __init__(self, to: int) -> None:
        self.port = 0
        self.carried = 0
        """Bytes that clients sent."""
        self.connections = 0
        """How many there were."""
        self.to = to
        """Port of the server."""
        self._writers: set[asyncio.StreamWriter] = set()
        self._moved = asyncio.Event()

    def cut(self) -> None:
        """End all connections without a word."""
        for writer in self._writers:
            writer.transport.abort()

    async def until_carried(self, count: int) -> None:
        """Wait until clients sent so many bytes."""
        while self.carried < count:
            self._moved.clear()
            await self._moved.wait()

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self.to)
            self._writers |= {writer, back}
            with suppress(OSError):
                await asyncio.gather(self._pass(reader, back, count=True), self._pass(there, writer, count=False))
            for each in (writer, back):
                each.transport.abort()
            self._writers -= {writer, back}

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, count: bool) -> None:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
            if count:
                self.carried += len(data)
                self._moved.set()
        sink.close()


@asynccontextmanager
async def line_to(port: int) -> AsyncGenerator[Line, None]:
    """Open a line to a port of this machine."""
    line = Line(port)
    server = await asyncio.start_server(line.relay, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        line.cut()
