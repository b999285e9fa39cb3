"""Where a live meeting was not heard: the file that is made of it has silence there, and its transcript a gap."""

from collections.abc import Sequence

import msgspec

from pipeline.manifest import folder_of
from stages.speech import Gap
from storage.store import NotStored, Store


async def keep_holes(store: Store, meeting: str, holes: Sequence[Gap]) -> None:
    """Keep the holes of a recording beside its artifacts."""
    await store.put(_key(meeting), msgspec.json.encode(holes))


async def kept_holes(store: Store, meeting: str) -> tuple[Gap, ...]:
    """Return the holes of a recording; none where nothing is known of any."""
    try:
        return msgspec.json.decode(await store.get(_key(meeting)), type=tuple[Gap, ...])
    except NotStored:
        return ()


def _key(meeting: str) -> str:
    return f"{folder_of(meeting)}/holes.json"
