"""A backup -> an empty store and an empty database, of whatever kind."""

import msgspec

from pipeline.backup.copying import copy_back
from pipeline.backup.each import for_each
from pipeline.backup.shape import (
    COVER,
    FORMAT,
    HOUSE,
    BackupError,
    Cover,
    MeetingCopy,
    file_key,
    is_empty,
    rows_key,
)
from pipeline.manifest import folder_of
from storage.records import NoRecord, Records
from storage.rows import HouseRows
from storage.store import NotStored, Store

MARK = ("restore", "from")
"""Document that says which backup is being restored, as long as it is."""


async def restore(source: Store, store: Store, records: Records) -> Cover:
    """Bring back everything, checked against its digests; broken off, the same call goes on where it was.

    Raises:
        BackupError: there is no finished backup, a file of it is damaged, or something is kept here already.
        StoreError, RecordError: a store or the database cannot do it.
    """
    cover = await _cover(source)
    await records.migrate()
    if await _mark(records) != cover.id.encode():
        if await records.meeting_ids() or await records.keys() or not await is_empty(store, "meetings"):
            raise BackupError(
                "Meetings or keys are kept here already. Restore into an empty store and an empty database."
            )
        await records.set_setting(*MARK, cover.id.encode())
    there = set(await records.meeting_ids())

    async def bring(id: str) -> None:
        await _meeting(source, store, records, id)

    await for_each((id for id in cover.meetings if id not in there), bring)
    await records.keep_house_rows(msgspec.json.decode(await source.get(HOUSE), type=HouseRows))
    await records.set_setting(*MARK, None)
    return cover


async def _cover(source: Store) -> Cover:
    try:
        cover = msgspec.json.decode(await source.get(COVER), type=Cover)
    except NotStored as error:
        raise BackupError("There is no finished backup there: backup.json is missing.") from error
    except msgspec.DecodeError as error:
        raise BackupError(f"backup.json is not what Parley writes: {error}.") from error
    if cover.format > FORMAT:
        raise BackupError("A newer Parley made this backup. Restore it with that one.")
    return cover


async def _meeting(source: Store, store: Store, records: Records, id: str) -> None:
    """Bring back the files, then the rows: a meeting that is known is whole."""
    copied = msgspec.json.decode(await source.get(rows_key(id)), type=MeetingCopy)
    for file in copied.files:
        await copy_back(source, file_key(id, file.name), store, f"{folder_of(id)}/{file.name}", file)
    await records.keep_whole_meeting(copied.rows)


async def _mark(records: Records) -> bytes | None:
    try:
        return await records.setting(*MARK)
    except NoRecord:
        return None
