"""parley backup, parley restore: everything that is kept, into a folder or bucket and back."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from api.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pipeline.backup.shape import Cover
    from storage.records import Records
    from storage.store import Store

PLACE = (
    "a folder, or s3://bucket/prefix?endpoint=...; keys: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the store's"
)


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser."""
    backup = commands.add_parser("backup", help="copy everything that is kept, while the server runs or not")
    backup.add_argument("place", metavar="PLACE", help=f"where to, empty: {PLACE}")
    backup.set_defaults(run=run_backup)
    restore = commands.add_parser("restore", help="bring everything back, into an empty store and an empty database")
    restore.add_argument("place", metavar="PLACE", help=f"where the backup lies: {PLACE}")
    restore.set_defaults(run=run_restore)


def run_backup(chosen: argparse.Namespace, settings: Settings) -> int:
    """Make a backup, and say on stdout what it holds."""
    cover = asyncio.run(_back_up(chosen.place, settings))
    print(f"{len(cover.meetings)} meetings, {cover.size / 1e6:.1f} MB: {chosen.place}")
    return 0


def run_restore(chosen: argparse.Namespace, settings: Settings) -> int:
    """Restore a backup, and say on stdout what it held."""
    from api.only_one import only_one

    with only_one(settings.data):
        cover = asyncio.run(_restore(chosen.place, settings))
    print(
        f"{len(cover.meetings)} meetings, {cover.size / 1e6:.1f} MB, as they were at {cover.began:%Y-%m-%d %H:%M} UTC."
    )
    print("Keys are as they were; browsers sign in again.", file=sys.stderr)
    return 0


async def _back_up(place: str, settings: Settings) -> "Cover":
    from pipeline.backup.make import back_up

    async with _kept(settings) as (store, records):
        return await back_up(store, records, await _place(place, settings, create=True))


async def _restore(place: str, settings: Settings) -> "Cover":
    from pipeline.backup.restore import restore

    async with _kept(settings) as (store, records):
        await _place(settings.store_url(), settings, create=True)
        return await restore(await _place(place, settings, create=False), store, records)


@asynccontextmanager
async def _kept(settings: Settings) -> "AsyncIterator[tuple[Store, Records]]":
    from storage.artifact_store import open_store
    from storage.database.database import open_database

    try:
        records = open_database(settings.database_url())
        store = open_store(
            settings.store_url(), access_key=settings.store_access_key, secret_key=settings.store_secret_key
        )
    except ValueError as error:
        raise SettingsError(f"The setting `database` or `store` cannot be used: {error}") from error
    try:
        yield store, records
    finally:
        await records.close()


async def _place(url: str, settings: Settings, *, create: bool) -> "Store":
    """Open a place; a bucket that does not exist is made where that is asked for."""
    from storage.artifact_store import open_store

    is_told = "AWS_ACCESS_KEY_ID" in os.environ
    access, secret = (None, None) if is_told else (settings.store_access_key, settings.store_secret_key)
    try:
        if create and url.startswith("s3:"):
            from storage.minio_bucket import MinioBucket
            from storage.s3_place import S3Place

            await MinioBucket(S3Place.parse(url, access, secret)).create()
        return open_store(url, access_key=access, secret_key=secret)
    except ValueError as error:
        raise SettingsError(f"{url} is no place for a backup: {error}") from error
