"""What the stages made, gathered in one object: hundreds of parts are not read for each look at a meeting."""

import hashlib
from collections.abc import Mapping

import msgspec

from pipeline.attempts import manifests
from pipeline.manifest import Manifest, folder_of
from pipeline.process import Results, results
from storage.store import NotStored, Store

TRIES = 5
"""How often results are read again that were replaced while they were read."""


class _Gathered(msgspec.Struct, frozen=True):
    """Results, and what they were gathered from."""

    version: str
    results: Results


async def shown_results(store: Store, meeting: str) -> Results:
    """Return what the stages of a meeting have made so far: from that object if it is up to date, else from parts."""
    found = await manifests(store, meeting)
    try:
        gathered = msgspec.msgpack.decode(await store.get(_key(meeting)), type=_Gathered)
        if gathered.version == _version(found):
            return gathered.results
    except (NotStored, msgspec.DecodeError):
        pass  # never gathered, or by a version of Parley with other words: the parts say it all
    return await _from_parts(store, meeting, found)


async def gather(store: Store, meeting: str) -> Results:
    """Gather what there is now, for later looks; a stage that works meanwhile only makes it out of date."""
    found = await manifests(store, meeting)
    made = await _from_parts(store, meeting, found)
    if found:  # else it was deleted meanwhile
        await store.put(_key(meeting), msgspec.msgpack.encode(_Gathered(_version(found), made)))
    return made


async def _from_parts(store: Store, meeting: str, found: Mapping[str, Manifest]) -> Results:
    for _ in range(TRIES - 1):
        try:
            return await results(store, meeting, found)
        except NotStored:
            found = await manifests(store, meeting)  # a stage was made again meanwhile
    return await results(store, meeting, found)


def _version(found: Mapping[str, Manifest]) -> str:
    told = hashlib.sha256()
    for name in sorted(found):
        shown = found[name].shown()
        told.update(msgspec.json.encode([name, shown.done, shown.gap, [part.sha256 for part in shown.parts]]))
    return told.hexdigest()


def _key(meeting: str) -> str:
    return f"{folder_of(meeting)}/shown.msgpack"
