"""How a backup lies in its folder or bucket.

begun.json            which backup this is; put first
meetings/ID/rows.json rows of a meeting, and a digest of each of its files
meetings/ID/files/... its files, under the keys that they have below the meeting's folder
house.json            keys, documents, usage
backup.json           what the backup holds; put last: without it there is no backup
"""

from datetime import datetime

import msgspec

from storage.rows import WholeMeeting
from storage.store import NotStored, Store

FORMAT = 1
"""Changes when an older Parley could not read what is written."""
BEGUN, HOUSE, COVER = "begun.json", "house.json", "backup.json"


class BackupError(Exception):
    """There is no backup, or none can be made there; the sentence says what to do."""


class Begun(msgspec.Struct, frozen=True):
    """Which backup this is."""

    id: str
    """Unlike that of any other."""
    began: datetime
    """UTC."""


class CopiedFile(msgspec.Struct, frozen=True):
    """A file of a meeting."""

    name: str
    """Its key below the meeting's folder."""
    size: int
    """Bytes."""
    sha256: str
    """In hex."""


class MeetingCopy(msgspec.Struct, frozen=True):
    """A meeting: its rows, and which files it has."""

    rows: WholeMeeting
    """As the database had them before the files were copied."""
    files: tuple[CopiedFile, ...]
    """All of them, by name."""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished backup holds."""

    id: str
    """Unlike that of any other."""
    began: datetime
    """UTC; meetings that are newer are not in it."""
    meetings: tuple[str, ...]
    """Their ids, in their order."""
    size: int
    """Bytes of all recordings and artifacts."""
    format: int = FORMAT
    """How it lies there."""


def folder_of_copy(meeting: str) -> str:
    """Return where a meeting lies in a backup."""
    return f"meetings/{meeting}"


def rows_key(meeting: str) -> str:
    """Return where its rows lie."""
    return f"{folder_of_copy(meeting)}/rows.json"


def file_key(meeting: str, name: str) -> str:
    """Return where a file of it lies."""
    return f"{folder_of_copy(meeting)}/files/{name}"


async def is_empty(store: Store, prefix: str = "") -> bool:
    """Tell whether nothing lies there."""
    async for _ in store.list(prefix):
        return False
    return True


async def lies_there(store: Store, key: str) -> bool:
    """Tell whether an object lies under the key."""
    try:
        await store.stat(key)
    except NotStored:
        return False
    return True
