"""Meetings that somebody wants no more: put away, given back, deleted for good."""

import time
from datetime import UTC, datetime, timedelta

from pipeline.events import event
from pipeline.jobs import Jobs
from pipeline.manifest import folder_of
from pipeline.order import Order
from pipeline.unowned import Unowned
from storage.records import Records
from storage.rows import MeetingRow
from storage.store import Store


class Trash:
    """Killed at any moment, it leaves a meeting whole, or in no list and found by the next sweep."""

    def __init__(self, store: Store, records: Records, jobs: Jobs, unowned: Unowned, days: float) -> None:
        """Keep what is put away for so many days."""
        self._store, self._records, self._jobs, self._unowned, self._days = store, records, jobs, unowned, days

    async def put(self, row: MeetingRow) -> None:
        """Put a meeting into the trash; work on it stops."""
        if row.deleted_at is None:
            await self._records.change_meeting(row.id, {"deleted_at": datetime.now(UTC)})
        await self._jobs.stop(row.id)
        await self._records.tell(row.id, event("trashed")[1])

    async def restore(self, row: MeetingRow) -> MeetingRow:
        """Take a meeting out of the trash; work on it goes on."""
        if row.deleted_at is None:
            return row
        changes = {"deleted_at": None, "options": Order.of(row).again(None).kept()}
        row = await self._records.change_meeting(row.id, changes)
        if row.state == "processing":
            await self._jobs.start(row)
        return row

    async def purge(self, id: str) -> None:
        """Delete every trace of a meeting; work on it stops."""
        await self._unowned.mark(id)
        alone = await self._jobs.stop(id)
        await self._records.remove_meeting(id)
        # Whoever hears it live stops at once.
        await self._records.tell(id, event("purged")[1])
        await self._store.delete_all(folder_of(id))
        await self._jobs.forget(id)
        # Elsewhere an attempt may still put a part before it notices: then the next sweep looks again.
        await (self._unowned.settle(id) if alone else self._unowned.leave(id))

    async def sweep(self) -> int:
        """Purge what lay here long enough or must be kept no longer, and what dead uploads left; return how many."""
        swept = await self._unowned.sweep(time.time())
        now = datetime.now(UTC)
        while expired := await self._records.expired(now, now - timedelta(days=self._days)):
            for row in expired:
                await self.purge(row.id)
            swept += len(expired)
        await self._store.tidy()
        return swept
