"""The server is about to stop: who has to say so to its client first is waited for, for a moment."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MOST_SECONDS = 3.0
"""So long is waited for good-byes; the web server ends WebSockets without one."""


class Goodbye(asyncio.Event):
    """Set when the server is about to stop."""

    def __init__(self) -> None:
        super().__init__()
        self._held = 0
        self._free = asyncio.Event()
        self._free.set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within the block, somebody has a good-bye to say."""
        self._held += 1
        self._free.clear()
        try:
            yield
        finally:
            self._held -= 1
            if not self._held:
                self._free.set()

    async def alone(self) -> None:
        """Wait until nobody has a good-bye to say."""
        await self._free.wait()

    async def said(self) -> None:
        """Set it and wait until every good-bye is said."""
        self.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.alone(), MOST_SECONDS)
