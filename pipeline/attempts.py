"""Attempts at a meeting: the last one that was opened writes, and what an earlier one still writes is not seen.

Every attempt keeps manifests of its own, and readers read those of the last attempt that is ready. To take over is:
create the record of a higher number (the fence), copy the manifests of the attempt before, say that one is ready.
An attempt that was taken over and has not noticed yet puts its commits where nobody looks; it notices at its next one.
So the guarantee needs no lock and no compare-and-swap, which folders and some buckets lack: only that a put is whole,
and that whoever lists or reads after it sees it.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

import msgspec

from pipeline.manifest import Manifest, folder_of, manifests_folder
from storage.store import AlreadyStored, NotStored, Store


class ArtifactError(Exception):
    """What is kept of a meeting cannot be used as asked."""


class Fenced(ArtifactError):
    """A later attempt has taken the meeting over, or the meeting was deleted: this attempt writes nothing any more."""


class Taken(msgspec.Struct, frozen=True):
    """A meeting that was taken over."""

    attempt: int
    """Number of the attempt that has it now."""
    found: dict[str, Manifest]
    """What is kept of each stage, by name."""
    first: bool
    """Whether no attempt before it has written anything."""


class AttemptRecord(msgspec.Struct, frozen=True):
    """That an attempt was opened."""

    attempt: int
    """Its number, from 1."""
    ready: bool = False
    """Whether it has taken over what the attempt before it had kept."""


async def take_over(store: Store, meeting: str, attempt: int | None = None) -> Taken:
    """Open an attempt: the next free number, or one that was given to us alone.

    Raises:
        Fenced: a later attempt is open.
    """
    number = await _fence(store, meeting, attempt)
    base = await _last_ready(store, meeting, await _numbers(store, meeting), number)
    kept = await _read(store, meeting, base) if base is not None else {}
    if base != number:
        folder = manifests_folder(meeting, number)
        await asyncio.gather(*(store.put(f"{folder}/{name}", manifest) for name, manifest in kept.items()))
        await store.put(_record_key(meeting, number), msgspec.json.encode(AttemptRecord(number, ready=True)))
    numbers = await _numbers(store, meeting)
    for older in numbers:
        if base is not None and older < base:
            await store.delete_all(manifests_folder(meeting, older))
    _check(meeting, number, numbers)
    return Taken(number, _by_stage(kept), first=base is None)


async def check(store: Store, meeting: str, attempt: int) -> None:
    """Make sure that the attempt is the last one.

    Raises:
        Fenced: it is not, or the meeting was deleted.
    """
    _check(meeting, attempt, await _numbers(store, meeting))


def _check(meeting: str, attempt: int, numbers: Sequence[int]) -> None:
    if attempt not in numbers:
        raise Fenced(f"The meeting {meeting} was deleted while attempt {attempt} was at work.")
    if numbers[-1] != attempt:
        raise Fenced(f"Attempt {attempt} at the meeting {meeting} was taken over by attempt {numbers[-1]}.")


async def manifests(store: Store, meeting: str) -> dict[str, Manifest]:
    """Return what is kept of each stage, by name; nothing where nothing is."""
    while True:
        numbers = await _numbers(store, meeting)
        current = await _last_ready(store, meeting, numbers)
        if current is None:
            return {}
        with contextlib.suppress(NotStored):
            found = _by_stage(await _read(store, meeting, current))
            after = await _numbers(store, meeting)
            # Only who opens an attempt later than the one after ours tidies ours up.
            if after[-1:] == [current] or await _last_ready(store, meeting, after) == current:
                return found
        # else a later attempt took over and tidied up meanwhile: look again


async def _read(store: Store, meeting: str, attempt: int) -> dict[str, bytes]:
    """Return the manifests of an attempt as they are, by the names of their files."""
    found = [stat.key async for stat in store.list(manifests_folder(meeting, attempt))]
    data = await asyncio.gather(*map(store.get, found))
    return {key.rsplit("/", 1)[1]: kept for key, kept in sorted(zip(found, data, strict=True))}


def _by_stage(kept: Mapping[str, bytes]) -> dict[str, Manifest]:
    manifests = [msgspec.json.decode(data, type=Manifest) for data in kept.values()]
    return {manifest.stage: manifest for manifest in manifests}


async def _fence(store: Store, meeting: str, attempt: int | None) -> int:
    last = max(await _numbers(store, meeting), default=0)
    if attempt is not None and last > attempt:
        raise Fenced(f"Attempt {attempt} at the meeting {meeting} was taken over by attempt {last}.")
    number = last + 1 if attempt is None else attempt
    while True:
        try:
            await store.put(_record_key(meeting, number), msgspec.json.encode(AttemptRecord(number)), create=True)
        except AlreadyStored:
            if attempt is not None:
                return attempt
            number += 1
        else:
            return number


async def _numbers(store: Store, meeting: str) -> list[int]:
    keys = [stat.key async for stat in store.list(f"{folder_of(meeting)}/attempts")]
    return sorted(int(key.rsplit("/", 1)[1].removesuffix(".json")) for key in keys)


async def _last_ready(store: Store, meeting: str, numbers: Sequence[int], until: int | None = None) -> int | None:
    """Return the last of attempts, up to `until`, that has taken over what was kept; None if there is none."""
    for number in reversed(numbers):
        if until is not None and number > until:
            continue
        if msgspec.json.decode(await store.get(_record_key(meeting, number)), type=AttemptRecord).ready:
            return number
    return None


def _record_key(meeting: str, attempt: int) -> str:
    return f"{folder_of(meeting)}/attempts/{attempt:06}.json"
