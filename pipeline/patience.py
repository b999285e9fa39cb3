"""Work that waits for what is away, instead of failing."""

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import msgspec

from pipeline.track import NoRoom
from storage.records import DatabaseAway
from storage.store import StoreAway, StoreFull

AWAY = (StoreAway, DatabaseAway)
"""The store or the database cannot be reached: nobody has to do anything but wait."""
FULL = (StoreFull, NoRoom)
"""Somebody has to make room."""

Made = TypeVar("Made")


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long work waits."""

    first_seconds: float = 0.25
    """Pause before the second try; each later one is twice as long."""
    longest_seconds: float = 10.0
    """No pause is longer."""
    away_seconds: float = 24 * 3600.0
    """Work waits so long for a store or database that is away."""
    full_seconds: float = 600.0
    """Work waits so long for somebody to make room."""

    async def until_done(self, work: Callable[[], Awaitable[Made]]) -> Made:
        """Do work, again and again while something is away or full. It must be safe to do twice.

        Raises:
            StoreAway, DatabaseAway, StoreFull, NoRoom: patience has run out.
        """
        began, pause = anyio.current_time(), self.first_seconds
        while True:
            try:
                return await work()
            except (*AWAY, *FULL) as error:
                limit = self.full_seconds if isinstance(error, FULL) else self.away_seconds
                if anyio.current_time() + pause - began > limit:
                    raise
            # Many jobs wait for the same thing: they should not all come back at once.
            await anyio.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - no secret
            pause = min(2 * pause, self.longest_seconds)


LIVE = Patience(longest_seconds=2.0)
"""Of those whom people hear or watch meanwhile: they go on soon after what was away is back."""
