"""parley doctor: what this machine is like, what is wrong, and what mends it."""

import argparse
import asyncio
import sys

import msgspec
from rich.console import Console
from rich.table import Table

from api.settings import Settings, SettingsError
from pipeline.doctor.finding import Finding
from pipeline.engine_pool import ENGINES, EnginePool
from storage.records import RecordError
from storage.store import StoreError

MARKS = {"ok": "[green]ok[/]", "unused": "[dim]not used[/]"}


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("doctor", help="look at packages, GPUs, disks, store and database")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Print what was found; 1 where something wants mending."""
    found = asyncio.run(_look(settings))
    bad = [finding for finding in found if finding.is_bad]
    if chosen.json:
        print(msgspec.json.format(msgspec.json.encode({"ok": not bad, "findings": found})).decode())
        return 1 if bad else 0
    table = Table(box=None, pad_edge=False)
    for column in ("", "state", "found", "expected", "for"):
        table.add_column(column, overflow="fold")
    for finding in found:
        mark = MARKS.get(finding.state, f"[bold red]{finding.state}[/]")
        table.add_row(finding.name, mark, finding.found or "-", finding.expected or "", finding.needed_for)
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)
    for finding in bad:
        print(f"\n{finding.says}" + (f"\n    {finding.command}" if finding.command else ""))
    if not bad:
        print("\nNothing wants mending.")
    return 1 if bad else 0


async def _look(settings: Settings) -> list[Finding]:
    from pipeline.doctor.look import findings

    pool = EnginePool(settings.engine_choices())
    chosen = [pool.choice(role) for role in ENGINES if pool.has(role)]
    parts = [await _store(settings), await _database(settings)]
    return [*parts, *await asyncio.to_thread(findings, chosen, settings.data)]


async def _store(settings: Settings) -> Finding:
    from storage.artifact_store import open_store

    where = settings.store_url().partition("?")[0]
    try:
        store = open_store(
            settings.store_url(), access_key=settings.store_access_key, secret_key=settings.store_secret_key
        )
        await store.check()
    except ValueError as error:
        raise SettingsError(str(error)) from error
    except StoreError as error:
        return Finding(name="store", state="wrong", found=where, says=str(error))
    return Finding(name="store", state="ok", found=where)


async def _database(settings: Settings) -> Finding:
    from storage.database.database import open_database

    file = settings.data / "parley.db"
    if not settings.database and not file.exists():
        return Finding(name="database", state="ok", found=f"{file}, made when the server first starts")
    try:
        records = open_database(settings.database_url())
    except ValueError as error:
        raise SettingsError(str(error)) from error
    where = settings.database.rpartition("@")[2] or str(file)
    try:
        await records.check()
    except RecordError as error:
        return Finding(name="database", state="wrong", found=where, says=str(error))
    finally:
        await records.close()
    return Finding(name="database", state="ok", found=where)
