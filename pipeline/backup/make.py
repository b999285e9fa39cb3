"""A store and a database, at work or not -> a backup in which every meeting is as it was at one moment."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from pipeline.backup.copying import copy_out
from pipeline.backup.each import for_each
from pipeline.backup.shape import (
    BEGUN,
    COVER,
    HOUSE,
    BackupError,
    Begun,
    CopiedFile,
    Cover,
    MeetingCopy,
    file_key,
    folder_of_copy,
    is_empty,
    lies_there,
    rows_key,
)
from pipeline.manifest import folder_of
from storage.records import NoRecord, Records
from storage.rows import WholeMeeting
from storage.store import NotStored, Stat, Store

MOST_PASSES = 100
"""A folder that never rests is looked at so often. One pass copies only what the one before did not see."""

Stamp = tuple[int, datetime, str | None]


async def back_up(store: Store, records: Records, target: Store) -> Cover:
    """Copy every meeting and what belongs to none; broken off, it can be begun again in the same place.

    Meetings do not depend on one another, so each is copied at a moment of its own, at which its rows and files agree
    as they would if the server had been killed then.

    Raises:
        BackupError: something else lies there, or a meeting never rested for long enough.
        StoreError, RecordError: a store or the database cannot do it.
    """
    if await lies_there(target, BEGUN):
        if await lies_there(target, COVER):
            raise BackupError("There is a backup already. Name another folder, or delete this one.")
    elif not await is_empty(target):
        raise BackupError("Something that is no backup lies there. Name an empty folder.")
    begun = Begun(uuid4().hex, datetime.now(UTC))
    await target.put(BEGUN, msgspec.json.encode(begun))
    ids = list(await records.meeting_ids())
    sizes: dict[str, int] = {}

    async def copy(id: str) -> None:
        try:
            copied = await _meeting(store, records, target, id)
        except NoRecord:
            await target.delete_all(folder_of_copy(id))  # it was deleted for good meanwhile
            return
        await target.put(rows_key(id), msgspec.json.encode(copied))
        sizes[id] = copied.size

    await for_each(ids, copy)
    await target.put(HOUSE, msgspec.json.encode(await records.house_rows()))
    kept = tuple(id for id in ids if id in sizes)
    cover = Cover(id=begun.id, began=begun.began, meetings=kept, size=sum(sizes.values()))
    await target.put(COVER, msgspec.json.encode(cover))
    return cover


async def _meeting(store: Store, records: Records, target: Store, id: str) -> MeetingCopy:
    """Copy the files of a meeting, and return its rows as they were before, if no other attempt began meanwhile."""
    for _ in range(MOST_PASSES):
        rows = await records.whole_meeting(id)
        files = await _files(store, target, id)
        if _moment(await records.whole_meeting(id)) == _moment(rows):
            return MeetingCopy(rows, files)
    raise _restless(id)


def _moment(rows: WholeMeeting) -> tuple[object, ...]:
    row = rows.meeting
    return row.attempt, row.state, row.original, row.options


async def _files(store: Store, target: Store, id: str) -> tuple[CopiedFile, ...]:
    """Copy a folder again and again until nothing changed while it was looked at."""
    copied: dict[str, tuple[Stamp, CopiedFile]] = {}
    folder = folder_of(id)
    for _ in range(MOST_PASSES):
        seen = await _listed(store, folder)
        copied = {key: copied[key] for key in seen if key in copied}
        for key, stamp in sorted(seen.items()):
            if key not in copied or copied[key][0] != stamp:
                name = key.removeprefix(f"{folder}/")
                try:
                    copied[key] = stamp, await copy_out(store, key, target, file_key(id, name), name)
                except NotStored:
                    copied.pop(key, None)
        if copied.keys() == seen.keys() and await _listed(store, folder) == seen:
            return tuple(copied[key][1] for key in sorted(copied))
    raise _restless(id)


async def _listed(store: Store, folder: str) -> Mapping[str, Stamp]:
    return {stat.key: _stamp(stat) async for stat in store.list(folder)}


def _stamp(stat: Stat) -> Stamp:
    return stat.size, stat.modified, stat.etag


def _restless(id: str) -> BackupError:
    return BackupError(f"The meeting {id} changed all the time while it was copied. Try again.")
