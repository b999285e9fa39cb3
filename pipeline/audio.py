"""A meeting -> its sound as it was sent."""

from collections.abc import AsyncIterator, Callable
from functools import partial

import msgspec

from storage.rows import MeetingRow
from storage.store import NotStored, Store


class Audio(msgspec.Struct, frozen=True):
    """The sound of a meeting, as it was sent."""

    media_type: str
    """Of sound or video, or application/octet-stream: never one that a browser runs."""
    size: int
    """Bytes."""
    stream: Callable[[int, int], AsyncIterator[bytes]]
    """Yields the bytes start..end."""
    file_name: str
    """As it was sent, as far as file systems allow."""
    etag: str | None = None
    """Changes with the content."""


async def audio(store: Store, row: MeetingRow) -> Audio:
    """Return the sound of a meeting, of which nothing is read yet.

    Raises:
        NotStored: there is none.
    """
    if row.original is None:
        raise NotStored(f"The meeting {row.id} has no recording that was sent as a file.")
    stat = await store.stat(row.original)
    return Audio(
        media_type=row.media_type or "application/octet-stream",
        size=stat.size,
        stream=partial(store.stream, row.original),
        file_name=row.original.rsplit("/", 1)[1],
        etag=stat.etag,
    )
