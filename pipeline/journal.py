"""Live sound -> the shared store: what is acknowledged is there, and a restarted server reads it back.

A journal is a run of bytes under `journal/{name}/`, in parts whose key is the place of their first byte and the attempt
that put them. Nothing is acknowledged before its put has returned, and no attempt replaces a part of another: what a
node puts that does not know yet that another one goes on covers nothing that the other acknowledged.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import anyio
import msgspec

from pipeline.manifest import folder_of
from storage.store import NotStored, Store, StoreAway, StoreFull

FLUSH_SECONDS = 1.0
"""Sound waits at most so long before it is put: what a crash costs, and how often the store is written."""
MERGE_PARTS = 60
"""So many small parts become one."""
RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0)
"""Pauses between tries while the store is away; the last one repeats."""


class Held(msgspec.Struct, frozen=True):
    """What a journal holds."""

    start: int
    """Place of the first byte."""
    end: int
    """Place after the last byte that follows the others without a hole."""


class Journal:
    """One run of bytes of a live meeting. One writer; `acknowledged` says how far the store has it."""

    def __init__(
        self,
        store: Store,
        meeting: str,
        name: str,
        acknowledged: int = 0,
        *,
        attempt: int = 0,
        confirm: Callable[[], Awaitable[None]] | None = None,
        room: int = 64 << 20,
    ) -> None:
        """Go on after the bytes that are acknowledged. `room` bytes may wait for a store that is away.

        `confirm` raises where the attempt is not the newest any more, and is asked after each put: whoever takes over
        later than that finds what was put, and whoever took over before that would not, so it is not acknowledged.
        """
        self._attempt, self._confirm = attempt, confirm
        self._store, self._folder = store, f"{folder_of(meeting)}/journal/{checked_name(name)}"
        self.acknowledged = acknowledged
        """Place after the last byte that the store holds."""
        self.away: str | None = None
        """Why the store takes nothing at the moment; None while it does."""
        self._waiting = bytearray()
        self._room = room
        self._news = anyio.Event()
        self._put = anyio.Event()
        self._putting = anyio.Lock()
        self._small: list[str] = []

    @property
    def end(self) -> int:
        """Place after the last byte that was added."""
        return self.acknowledged + len(self._waiting)

    async def room(self) -> None:
        """Wait until more may be added: what the store does not take, the client keeps."""
        while len(self._waiting) >= self._room:
            await self._put.wait()

    def add(self, data: bytes) -> None:
        """Take bytes that follow those added before."""
        self._waiting += data
        self._news.set()

    async def keep(self, acknowledge: Callable[[int], Awaitable[None]]) -> None:
        """Put what was added, for ever, and tell how far the store has it. Cancel it, then `flush`, to end."""
        while True:
            await self._news.wait()
            await anyio.sleep(FLUSH_SECONDS)
            self._news = anyio.Event()
            await self._put_waiting()
            await acknowledge(self.acknowledged)
            await self._merge()

    async def flush(self) -> None:
        """Put everything that was added, however long the store is away."""
        while self._waiting:
            await self._put_waiting()
        await self._merge()

    async def _put_waiting(self) -> None:
        """Put what waits as one part, one at a time."""
        tries = 0
        async with self._putting:
            while data := bytes(self._waiting):
                key = f"{self._folder}/{self.acknowledged:014}-{self._attempt:06}"
                try:
                    # A put that was given up may still land, over what is put there next.
                    with anyio.CancelScope(shield=True):
                        await self._store.put(key, data)
                except (StoreAway, StoreFull) as error:
                    self.away = str(error)
                    await anyio.sleep(RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)])
                    tries += 1
                    continue
                if self._confirm is not None:
                    await self._confirm()
                self.away = None
                del self._waiting[: len(data)]
                self.acknowledged += len(data)
                self._small.append(key)
                seen, self._put = self._put, anyio.Event()
                seen.set()
                return

    async def _merge(self) -> None:
        """Make one part of many. The first key is replaced as a whole, and covers the others until they are gone."""
        if len(self._small) < MERGE_PARTS:
            return
        parts, self._small = self._small, []
        try:
            data = b"".join([await self._store.get(key) for key in parts])
            with anyio.CancelScope(shield=True):
                await self._store.put(parts[0], data)
            for key in parts[1:]:
                await self._store.delete(key)
        except (StoreAway, StoreFull, NotStored):
            return  # small parts are as good as large ones, and what is gone was deleted by somebody


async def journal_names(store: Store, meeting: str) -> tuple[str, ...]:
    """Return the names of a meeting's journals, in order."""
    prefix = f"{folder_of(meeting)}/journal"
    return tuple(sorted({found.key.removeprefix(f"{prefix}/").split("/", 1)[0] async for found in store.list(prefix)}))


async def held(store: Store, meeting: str, name: str) -> Held:
    """Return how far a journal goes."""
    start, end = 0, 0
    for place, size, _ in await _parts(store, meeting, name):
        if end == 0:
            start, end = place, place + size
        elif place <= end:
            end = max(end, place + size)
        else:
            break
    return Held(start, end)


async def read_back(store: Store, meeting: str, name: str) -> AsyncIterator[bytes]:
    """Yield all bytes of a journal in order, part by part; parts that were merged into another are passed over."""
    end: int | None = None
    for place, size, key in await _parts(store, meeting, name):
        if end is not None and (place > end or place + size <= end):
            if place > end:
                return
            continue
        data = await store.get(key)
        yield data if end is None else data[end - place :]
        end = place + len(data)


async def delete_journals(store: Store, meeting: str) -> None:
    """Remove all journals of a meeting."""
    await store.delete_all(f"{folder_of(meeting)}/journal")


def checked_name(name: str) -> str:
    """Return the name of a journal if it is plain enough to be part of a key.

    Raises:
        ValueError: it is not.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,95}", name):
        raise ValueError(f"{name!r} cannot name a journal: lower-case letters, digits, dots and dashes only.")
    return name


async def _parts(store: Store, meeting: str, name: str) -> list[tuple[int, int, str]]:
    """Return place, size and key of each part, in order."""
    prefix = f"{folder_of(meeting)}/journal/{checked_name(name)}"
    found = [
        (int(part.key.rsplit("/", 1)[1].partition("-")[0]), part.size, part.key) async for part in store.list(prefix)
    ]
    return sorted(found)
