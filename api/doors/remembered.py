"""Answers of the database, kept for a moment, so that a request costs no question."""

import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import anyio

from storage.records import DatabaseAway

TTL_SECONDS = 1.0
"""A revoked key, an ended session or share is refused everywhere after at most this long."""
GRACE_SECONDS = 60.0
"""While the database is away, what was true so long ago still counts: nobody can revoke anything in it either."""
MOST_ENTRIES = 10_000

Answer = TypeVar("Answer")


class _Entry(Generic[Answer]):
    __slots__ = ("asked", "lock", "until", "value")

    def __init__(self) -> None:
        self.lock = anyio.Lock()
        self.value: Answer | None = None
        self.until = -1.0
        self.asked: float | None = None


class Remembered(Generic[Answer]):
    """Asks once at a time for each name, however many want to know."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: dict[bytes, _Entry[Answer]] = {}

    async def get(self, name: bytes, ask: Callable[[], Awaitable[Answer | None]]) -> Answer | None:
        """Return what is remembered, or what `ask` says.

        Raises:
            DatabaseAway: it cannot say, and nothing was known in the last minute.
        """
        entry = self._entries.get(name)
        if entry is None:
            entry = self._entries[name] = _Entry()
            if len(self._entries) > MOST_ENTRIES:
                del self._entries[next(iter(self._entries))]
        if self._clock() < entry.until:
            return entry.value
        async with entry.lock:
            if self._clock() >= entry.until:
                await self._ask(entry, ask)
        return entry.value

    def forget(self) -> None:
        """Forget everything: something was revoked. What is being asked now is not remembered either."""
        self._entries.clear()

    async def _ask(self, entry: _Entry[Answer], ask: Callable[[], Awaitable[Answer | None]]) -> None:
        # From before the question: what is revoked while it is answered counts from the answer's time on.
        asked = self._clock()
        try:
            entry.value = await ask()
        except DatabaseAway:
            if entry.value is None or entry.asked is None or asked - entry.asked >= GRACE_SECONDS:
                raise
        else:
            entry.asked = asked
        entry.until = asked + TTL_SECONDS
