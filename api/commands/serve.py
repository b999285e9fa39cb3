"""parley serve: the server, until it is told to stop."""

import argparse
import asyncio
import gc
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console

from api.logs import configure
from api.settings import Settings, SettingsError
from pipeline.nodes import ROLES

if TYPE_CHECKING:
    from api.parts import Parts


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("serve", help="run the server and its page")
    parser.add_argument("--host", metavar="ADDRESS", help="where to listen (127.0.0.1); elsewhere needs keys")
    parser.add_argument("--port", type=int, metavar="N", help="TCP port (8000); 0 takes any that is free")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder for recordings, database and scratch files")
    parser.add_argument("--roles", metavar="LIST", help="what this server does, with commas: api,engines,jobs (all)")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace, settings: Settings, make: "Callable[[Settings], Parts] | None" = None) -> int:
    """Serve until SIGTERM or SIGINT, then let requests under way end. `make` chooses the parts; None as usual."""
    given = {name: getattr(chosen, name) for name in ("host", "port", "data") if getattr(chosen, name) is not None}
    if chosen.roles is not None:
        given["roles"] = _roles(chosen.roles)
    configure(settings.log)
    _raise_file_limit()
    try:
        asyncio.run(_serve(msgspec.structs.replace(settings, **given), make))
    except ExceptionGroup as failures:
        raise _first(failures) from failures
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is closed. Threads of the web server may still hold objects of Python, and abort a tidy end.
    os._exit(0)


def _roles(text: str) -> tuple[str, ...]:
    roles = tuple(role.strip() for role in text.split(",") if role.strip())
    if not roles or (unknown := set(roles) - set(ROLES)):
        wrong = f"no role {min(unknown)!r}" if roles else "no server without a role"
        raise SettingsError(f"There is {wrong}. Say some of {', '.join(ROLES)}, with commas.")
    return roles


async def _serve(settings: Settings, make: "Callable[[Settings], Parts] | None") -> None:
    from api.listen import free_place, listening

    host, port = free_place(settings.host, settings.port)
    settings = msgspec.structs.replace(settings, port=port)
    from api.app import app_of, drained, parts_of
    from api.doors.bind import check_bind

    try:
        parts = (make or parts_of)(settings)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    app = app_of(parts)
    told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, _tell_once, told, sign)
    async with app.lifespan():
        check_bind(settings.host, is_keyed=bool(await parts.records.keys()))
        async with listening(app, host, port, parts.closing):
            _tell(settings, host, port)
            _keep_what_stays()
            if await told == signal.SIGTERM:
                await drained(parts)


def _tell_once(told: "asyncio.Future[int]", sign: int) -> None:
    if not told.done():
        told.set_result(sign)


def _raise_file_limit() -> None:
    """Take as many open files as the system allows: each stream of a client and of a provider is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _keep_what_stays() -> None:
    """Spare the collector what was made for good: looking at it again and again holds up requests for 100 ms."""
    gc.collect()
    gc.freeze()


def _first(failures: ExceptionGroup[Exception]) -> Exception:
    """Return what went wrong: the framework wraps it in groups."""
    inner = failures.exceptions[0]
    return _first(inner) if isinstance(inner, ExceptionGroup) else inner


def _tell(settings: Settings, host: str, port: int) -> None:
    from pipeline.engine_pool import ENGINES, EnginePool

    pool = EnginePool(settings.engine_choices())
    engines = {role: pool.choice(role).engine for role in ENGINES if pool.has(role)}
    say = Console(highlight=False, soft_wrap=True).print
    say(f"[bold]Parley listens on http://{f'[{host}]' if ':' in host else host}:{port}[/bold]")
    say("Engines: " + ", ".join(f"{engine} ({role})" for role, engine in engines.items()))
    say(f"Data: {settings.data}" + (f", artifacts: {settings.store}" if settings.store else ""))
    say("Stop it with Ctrl+C.")
    sys.stdout.flush()
