"""Store and database -> ones that can be used: the bucket is there, and the schema up to date."""

from typing import Protocol

from api.settings import Settings
from pipeline.patience import Patience
from storage.records import Records

AT_START = Patience(away_seconds=60.0)
"""Machines that start together wait for each other's servers."""


class Bucket(Protocol):
    """What is asked of a bucket before it is used."""

    async def create(self) -> bool:
        """Create it, unless it is there."""

    async def forget_abandoned_uploads(self, days: int = 1) -> bool:
        """Let it drop what nobody finishes."""


async def prepared(settings: Settings, records: Records, bucket: Bucket | None) -> None:
    """Prepare them, waiting for a while for those of other machines.

    Raises:
        StoreAway, DatabaseAway: they cannot be reached.
        NewerSchema: a newer version has brought the schema further.
    """
    if bucket is not None:
        await AT_START.until_done(bucket.create)
        await AT_START.until_done(bucket.forget_abandoned_uploads)
    if settings.database_url().startswith("sqlite"):
        await records.migrate()
    else:
        await AT_START.until_done(records.migrate)
