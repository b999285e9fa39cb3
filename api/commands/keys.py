"""parley keys: make, list and revoke keys, on the machine that has the database."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from api.doors.keyring import KeyRefused, Keyring
from api.doors.shapes import KeyWish
from api.settings import Settings, SettingsError
from storage.rows import KeyRow

Answer = TypeVar("Answer")

LIMITS = {
    "requests_per_minute": "requests a minute",
    "tokens_per_minute": "tokens a minute",
    "budget": "tokens a day",
}
COLUMNS = ("ID", "NAME", "ROLE", "OWNER", "MADE", "LAST USED", "STATE")


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("keys", help="make, list and revoke the keys of the server")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make a key and print it, this once")
    add.add_argument("name", metavar="NAME", help="whose it is, or what for")
    add.add_argument("--role", choices=["admin", "user", "read"], default="user", help="what it may do (user)")
    add.add_argument("--owner", help="whose meetings it sees (NAME; the first key: those made without keys)")
    for limit, told in LIMITS.items():
        add.add_argument(f"--{limit.replace('_', '-')}", type=float, metavar="N", help=f"{told} (unlimited)")
    add.set_defaults(run=run_add)
    actions.add_parser("list", help="list all keys, without their secrets").set_defaults(run=run_list)
    revoke = actions.add_parser("revoke", help="end a key, and every sign-in with it; its meetings stay")
    revoke.add_argument("id", metavar="ID", help="the public part, as `parley keys list` shows it")
    revoke.set_defaults(run=run_revoke)


def run_add(chosen: argparse.Namespace, settings: Settings) -> int:
    """Make a key: it alone goes to stdout."""
    limits = {name: getattr(chosen, name) for name in LIMITS if getattr(chosen, name) is not None}
    said = {"name": chosen.name, "role": chosen.role, "owner": chosen.owner, "limits": limits}
    try:
        wish = msgspec.convert(said, KeyWish)
    except msgspec.ValidationError as error:
        raise KeyRefused(f"This key cannot be made: {error}.") from error
    made = asyncio.run(_with(settings, lambda keyring: keyring.add(wish.name, wish.role, wish.owner, limits)))
    print(made.text)
    print(
        f"Key {made.row.id}: {made.row.role}, sees the meetings of {made.row.owner!r}. It is shown this once; a server "
        "that runs knows it within a second.",
        file=sys.stderr,
    )
    return 0


def run_list(chosen: argparse.Namespace, settings: Settings) -> int:
    """Print one line a key."""
    rows = asyncio.run(_with(settings, lambda keyring: keyring.all()))
    if not rows:
        print("There are no keys: the server listens on this machine only.", file=sys.stderr)
        return 0
    lines = [COLUMNS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    return 0


def run_revoke(chosen: argparse.Namespace, settings: Settings) -> int:
    """End a key."""
    row = asyncio.run(_with(settings, lambda keyring: keyring.revoke(chosen.id, even_last=True)))
    print(f"Key {row.id} ({row.name}) opens nothing any more; servers that run know within a second.", file=sys.stderr)
    return 0


async def _with(settings: Settings, act: Callable[[Keyring], Awaitable[Answer]]) -> Answer:
    from storage.database.database import open_database

    try:
        records = open_database(settings.database_url())
    except ValueError as error:
        raise SettingsError(f"The setting `database` cannot be used: {error}") from error
    try:
        await records.migrate()
        return await act(Keyring(records))
    finally:
        await records.close()


def _cells(row: KeyRow) -> tuple[str, ...]:
    state = "valid" if row.revoked_at is None else f"revoked {_when(row.revoked_at)}"
    return row.id, row.name, row.role, row.owner, _when(row.created_at), _when(row.last_used_at), state


def _when(moment: datetime | None) -> str:
    return "never" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
