"""When each key was last used, written once a minute and never while somebody waits."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import anyio

from storage.records import NoRecord, RecordError, Records

EVERY_SECONDS = 60.0

log = logging.getLogger(__name__)


class LastUsed:
    """Notes which keys are used."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now
        self._noted: dict[str, datetime] = {}

    def note(self, key: str) -> None:
        """Note that a key was used now."""
        self._noted[key] = self._now()

    async def write(self) -> None:
        """Write down what was noted; what cannot be written waits for the next time."""
        noted, self._noted = self._noted, {}
        for key, when in noted.items():
            try:
                await self._records.change_key(key, {"last_used_at": when})
            except NoRecord:
                continue
            except RecordError as error:
                self._noted = {**noted, **self._noted}
                log.warning("When keys were last used could not be written down: %s", error)
                return

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write within the block, once a minute and at its end."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._write_forever)
            yield
            tasks.cancel_scope.cancel()
        await self.write()

    async def _write_forever(self) -> None:
        while True:
            await anyio.sleep(EVERY_SECONDS)
            await self.write()
