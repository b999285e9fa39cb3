"""Actions of a meeting that somebody has ticked off: an overlay that survives every later summary."""

import hashlib

import msgspec

from pipeline.manifest import folder_of
from storage.store import NotStored, Store


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """An action that is done. A summary that is made again may name it in other words: then what it rests on tells."""

    task: str
    """As the summary said it."""
    evidence: str
    """Id of the first utterance that it rests on."""


async def ticked(store: Store, meeting: str) -> tuple[Ticked, ...]:
    """Return the actions that are done, in no order that means anything."""
    found = []
    for key in sorted([entry.key async for entry in store.list(_folder(meeting))]):
        try:
            found.append(msgspec.json.decode(await store.get(key), type=Ticked))
        except NotStored:
            continue  # taken back meanwhile
    return tuple(found)


async def tick(store: Store, meeting: str, action: Ticked, *, done: bool) -> None:
    """Tick an action off, or take that back. Each lies by itself, so that two who tick at once lose nothing."""
    name = hashlib.blake2b(msgspec.json.encode(action), digest_size=16).hexdigest()
    key = f"{_folder(meeting)}/{name}.json"
    if done:
        await store.put(key, msgspec.json.encode(action))
    else:
        await store.delete(key)


def _folder(meeting: str) -> str:
    return f"{folder_of(meeting)}/ticked"
