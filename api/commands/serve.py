"""parley serve: the server, until it is told to stop."""

import argparse
import asyncio
import errno
import logging
import os
import signal
import socket
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from api.settings import Settings, SettingsError

BACKLOG = 1024
"""Connections that wait to be accepted."""
TOGETHER = 16_384
"""Requests at once: granian lets streams without an end count, and stalls whoever comes after the last."""
DRAIN_SECONDS = 30.0
"""Requests under way get so long to end when the server stops; uploads that take longer leave nothing behind."""


class PortTaken(SettingsError):
    """The server cannot listen where it was told to."""


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("serve", help="run the server and its page")
    parser.add_argument("--host", metavar="ADDRESS", help="where to listen (127.0.0.1); elsewhere needs keys")
    parser.add_argument("--port", type=int, metavar="N", help="TCP port (8000); 0 takes any that is free")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder for recordings, database and scratch files")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, then let requests under way end."""
    given = {name: getattr(chosen, name) for name in ("host", "port", "data") if getattr(chosen, name) is not None}
    settings = msgspec.structs.replace(settings, **given)
    _log_to_stderr()
    try:
        asyncio.run(_serve(settings))
    except ExceptionGroup as failures:
        raise _first(failures) from failures
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is closed. Granian's threads may still hold Python objects, and abort a tidy end of the interpreter.
    os._exit(0)


async def _serve(settings: Settings) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from api.app import app_of, parts_of
    from api.doors.bind import check_bind

    try:
        parts = parts_of(settings)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    app = app_of(parts)
    host, port = _free(settings.host, settings.port)
    async with app.lifespan():
        check_bind(settings.host, is_keyed=bool(await parts.records.keys()))
        server = Server(
            app,
            address=host,
            port=port,
            interface=Interfaces.ASGINL,  # the lifespan is ours, so that what goes wrong in it is told
            backlog=BACKLOG,
            backpressure=TOGETHER,
            log_enabled=False,
        )

        def stop() -> None:
            parts.closing.set()
            server.stop()

        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, stop)
        serving = asyncio.create_task(server.serve())
        await _listening(host, port)
        _tell(settings, host, port)
        too_long = asyncio.create_task(_too_long(parts.closing))
        await asyncio.wait((serving, too_long), return_when=asyncio.FIRST_COMPLETED)
        too_long.cancel()
        if serving.done():
            serving.result()


async def _listening(host: str, port: int) -> None:
    """Wait until connections are accepted, so that what is told is true."""
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)
            continue
        writer.close()
        return


async def _too_long(closing: asyncio.Event) -> None:
    await closing.wait()
    await asyncio.sleep(DRAIN_SECONDS)


def _free(host: str, port: int) -> tuple[str, int]:
    """Return address and port, which are free. Granian shares a port that somebody has, so it does not say.

    Raises:
        PortTaken: they are not, or are not this machine's.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host.strip("[]") or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            found = probe.getsockname()
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "another program listens there" if taken else getattr(error, "strerror", None) or error
        raise PortTaken(f"Cannot listen on {host}:{port}: {why}. Choose another place with --host or --port.") from error
    return str(found[0]), int(found[1])


def _first(failures: ExceptionGroup[Exception]) -> Exception:
    """Return what went wrong: the framework wraps it in groups."""
    inner = failures.exceptions[0]
    return _first(inner) if isinstance(inner, ExceptionGroup) else inner


def _tell(settings: Settings, host: str, port: int) -> None:
    from pipeline.engine_pool import EnginePool

    pool = EnginePool(settings.engines.choices())
    shown = f"[{host}]" if ":" in host else host
    roles = ("asr", "diarizer", "vad", "aligner", "embed")
    say = Console(highlight=False, soft_wrap=True).print
    say(f"[bold]Parley listens on http://{shown}:{port}[/bold]")
    say("Engines: " + ", ".join(f"{pool.choice(role).engine} ({role})" for role in roles))  # type: ignore[arg-type]
    say(f"Data: {settings.data}" + (f", artifacts: {settings.store}" if settings.store else ""))
    say("Stop it with Ctrl+C.")
    sys.stdout.flush()


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
