"""An application -> a server that listens, until the block that runs it ends and its requests with it."""

import asyncio
import errno
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from api.goodbye import Goodbye
from api.settings import SettingsError

if TYPE_CHECKING:
    from litestar import Litestar

BACKLOG = 4096
"""Connections that wait to be accepted."""
TOGETHER = 16_384
"""Requests at once: streams without an end count too, and whoever comes after the last is not even heard."""
DRAIN_SECONDS = 30.0
"""Requests under way get so long to end; an upload that takes longer leaves nothing behind."""


class PortTaken(SettingsError):
    """The server cannot listen where it was told to."""


def free_place(host: str, port: int) -> tuple[str, int]:
    """Return address and port, which are free. Granian shares a port that somebody has, so it does not say.

    Raises:
        PortTaken: they are not free, or not this machine's.
    """
    if not 0 <= port < 2**16:
        raise PortTaken(f"Cannot listen on port {port}: ports are 0 to 65535. Choose another one with --port.")
    try:
        asked = host.strip("[]") or None
        family, kind, protocol, _, place = socket.getaddrinfo(
            asked, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            found = probe.getsockname()
    except OSError as error:
        why = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror or error
        raise PortTaken(
            f"Cannot listen on {host}:{port}: {why}. Choose another place with --host or --port."
        ) from error
    return str(found[0]), int(found[1])


@asynccontextmanager
async def listening(app: "Litestar", host: str, port: int, closing: asyncio.Event) -> AsyncGenerator[None, None]:
    """Listen as long as the block runs; then set `closing`, take no more, and let requests under way end."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,  # the lifespan is not its task: it would not tell what goes wrong there
        backlog=BACKLOG,
        backpressure=TOGETHER,
        log_enabled=False,
    )
    serving = asyncio.create_task(server.serve())
    await _heard(host, port, serving)
    try:
        yield
    finally:
        closing.set()
        if isinstance(closing, Goodbye):
            await closing.said()
        server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait([serving], timeout=DRAIN_SECONDS)


async def _heard(host: str, port: int, serving: "asyncio.Task[None]") -> None:
    """Wait until connections are accepted."""
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)
            continue
        writer.close()
        return
    serving.result()
