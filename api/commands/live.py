"""parley live: captions of a microphone, or of a file at the pace of the clock, from a server."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

from api.settings import Settings


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("live", help="captions while people speak, from a server")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", nargs="?", type=Path, metavar="FILE", help="sound or video, played at its own pace")
    source.add_argument("--microphone", action="store_true", help="what the microphone of this machine hears")
    parser.add_argument("--server", metavar="URL", help="where the server is (the one of this machine)")
    parser.add_argument("--key", metavar="KEY", help="key of the server; better in the environment, as PARLEY_KEY")
    parser.add_argument("--title", metavar="TEXT", help="title of the meeting")
    parser.add_argument("--language", metavar="CODE", help="language that is spoken, as an ISO 639-1 code")
    parser.add_argument("--speakers", metavar="N", help="how many people speak: 3, 2-4, 2- or -4")
    parser.add_argument("--speed", type=float, default=1.0, metavar="N", help="play a file N times as fast (1)")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Caption to the end, or until Ctrl+C; a second one leaves at once."""
    from api.commands.live_client import LiveRefused
    from api.commands.live_sources import NoMicrophone

    if not 0 < chosen.speed <= 100:
        print("parley live: --speed is a number above 0, and at most 100.", file=sys.stderr)
        return 2
    if chosen.file is not None and not chosen.file.is_file():
        print(f"parley live: {chosen.file}: there is no such file.", file=sys.stderr)
        return 2
    try:
        asyncio.run(_caption(chosen, settings))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except BaseExceptionGroup as group:
        failure = _first(group)
        if not isinstance(failure, (LiveRefused, NoMicrophone)):
            raise failure from None
        print(f"parley live: {failure}", file=sys.stderr)
        return 1
    return 0


async def _caption(chosen: argparse.Namespace, settings: Settings) -> None:
    from rich.console import Console

    from api.commands.live_captions import Captions
    from api.commands.live_client import LiveClient

    server = chosen.server or f"http://{settings.host}:{settings.port}"
    key = chosen.key or os.environ.get("PARLEY_KEY")
    named = {"title": chosen.title or (chosen.file.stem if chosen.file else None)}
    wish = named | {"language": chosen.language, "speakers": chosen.speakers}
    notes, stop = Console(stderr=True, highlight=False), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, _interrupted, stop, asyncio.current_task())
    with Captions(Console(highlight=False), notes) as captions:
        client = LiveClient(server, key, {name: told for name, told in wish.items() if told}, captions.hear)
        await client.run(_sound(chosen, stop))
    notes.print(f"Meeting {client.meeting}: {server}/api/meetings/{client.meeting}/transcript", soft_wrap=True)


def _sound(chosen: argparse.Namespace, stop: asyncio.Event) -> AsyncGenerator[bytes, None]:
    from api.commands.live_sources import played, recorded

    return recorded(stop) if chosen.microphone else played(chosen.file, chosen.speed, stop)


def _interrupted(stop: asyncio.Event, task: "asyncio.Task[None] | None") -> None:
    """End the sound, and the second time everything."""
    if stop.is_set() and task is not None:
        task.cancel()
    stop.set()


def _first(group: BaseException) -> BaseException:
    return _first(group.exceptions[0]) if isinstance(group, BaseExceptionGroup) else group
