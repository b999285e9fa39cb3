"""parley models: which engines there are, and their weights brought to this machine."""

import argparse
import asyncio
import contextlib
import sys
from typing import Any

from rich.console import Console
from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from api.settings import Settings
from pipeline.engine_pool import EnginePool, UnknownEngine
from pipeline.engine_room import EngineRoom, Seat
from stages.engine import EngineHost
from stages.engine_errors import EngineError
from stages.hub_token import token_kept_in
from stages.model_cache import cache_folder

COLUMNS = ("ROLE", "ENGINE", "IN USE", "STATE", "MODEL")
LOOK_SECONDS = 0.2


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("models", help="list engines, and download their models")
    parser.set_defaults(run=run_list)
    actions = parser.add_subparsers(metavar="ACTION")
    actions.add_parser("list", help="list all engines and where their models are").set_defaults(run=run_list)
    download = actions.add_parser("download", help="bring a model to this machine, to run without a network later")
    download.add_argument("key", metavar="ENGINE", help="canary, pyannote, ...; qwen for its model")
    download.add_argument("--force", action="store_true", help="fetch what is here as well")
    download.set_defaults(run=run_download)


def run_list(chosen: argparse.Namespace, settings: Settings) -> int:
    """Print one line an engine."""
    lines = [COLUMNS, *map(_cells, EngineRoom(EnginePool(settings.engine_choices())).seats())]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    print(f"Models from the hub lie in {cache_folder()}.", file=sys.stderr)
    return 0


def run_download(chosen: argparse.Namespace, settings: Settings) -> int:
    """Download, and say where the model lies."""
    seat = EngineRoom(EnginePool(settings.engine_choices())).find(chosen.key)
    if seat.host is None:
        raise UnknownEngine(f"The engine {seat.name} cannot be used: {seat.error}")
    with token_kept_in(settings.data):
        asyncio.run(_download(seat.host, chosen.force))
    print(f"{seat.host.card.model} is on this machine.", file=sys.stderr)
    return 0


async def _download(host: EngineHost[Any], force: bool) -> None:
    move = asyncio.create_task(host.download(force=force))
    try:
        with _bar(host.card.model) as bar:
            while not move.done():
                done, total = host.downloaded
                bar.update(bar.task_ids[0], completed=done, total=total)
                await asyncio.wait([move], timeout=LOOK_SECONDS)
        await move
    except asyncio.CancelledError:
        with contextlib.suppress(EngineError):
            await host.unload()
        raise
    finally:
        await host.close()


def _bar(model: str) -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn())
    bar = Progress(*columns, console=console, disable=not console.is_terminal)
    bar.add_task(model, total=None)
    return bar


def _cells(seat: Seat) -> tuple[str, ...]:
    state = seat.host.state.replace("_", " ") if seat.host is not None else "cannot be used"
    model = seat.host.card.model if seat.host is not None else str(seat.error)
    return seat.role, seat.name, "yes" if seat.chosen else "", state, model
