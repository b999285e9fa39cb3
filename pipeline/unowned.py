"""Which folders of the store have no row yet, or no more: so that nothing stays there for ever."""

from pipeline.manifest import folder_of
from storage.records import NoRecord, Records
from storage.rows import MeetingRow
from storage.store import NotStored, Store

FOLDER = "unowned"
GIVEN_UP_SECONDS = 48 * 3600.0
"""Another process that has been busy with a folder for so long has died."""


class Unowned:
    """Marks in the store: put before the first byte of an upload and before the last row of a meeting is removed."""

    def __init__(self, store: Store, records: Records, executor: str) -> None:
        """`executor` names this process, also after a restart."""
        self._store, self._records, self._executor = store, records, executor
        self._busy: set[str] = set()

    async def mark(self, meeting: str) -> None:
        """Begin to receive or to delete a meeting."""
        self._busy.add(meeting)
        await self._store.put(_key(meeting), self._executor.encode())

    async def settle(self, meeting: str) -> None:
        """End it: the folder has its row, or is gone."""
        await self._store.delete(_key(meeting))
        self._busy.discard(meeting)

    async def leave(self, meeting: str) -> None:
        """End it without being able to tidy up: the next sweep does that."""
        self._busy.discard(meeting)

    async def sweep(self, now: float) -> int:
        """Delete folders whose process died, and that have no row. Return how many."""
        deleted = 0
        async for mark in self._store.list(FOLDER):
            meeting = mark.key.rsplit("/", 1)[1]
            if meeting in self._busy:
                continue
            try:
                ours = await self._store.get(mark.key) == self._executor.encode()
            except NotStored:
                continue  # settled meanwhile, by another node
            if not ours and now - mark.modified.timestamp() < GIVEN_UP_SECONDS:
                continue
            if await self._row(meeting) is None:
                await self._store.delete_all(folder_of(meeting))
                deleted += 1
            await self._store.delete(mark.key)
        return deleted

    async def _row(self, meeting: str) -> MeetingRow | None:
        try:
            return await self._records.meeting(meeting)
        except NoRecord:
            return None


def _key(meeting: str) -> str:
    return f"{FOLDER}/{meeting}"
