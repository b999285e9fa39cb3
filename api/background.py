"""Work that goes on beside requests, for as long as the server runs."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from pipeline.meetings import Meetings
from storage.records import RecordError
from storage.store import StoreError

SWEEP_SECONDS = 3600.0
"""How often what nobody needs any more is looked for."""
LOG = logging.getLogger("parley.api")


@asynccontextmanager
async def going_on(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None, None]:
    """Let work go on while the block lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def sweep_always(meetings: Meetings) -> None:
    """Look every now and then for what nobody needs any more."""
    while True:
        try:
            await meetings.sweep()
        except (StoreError, RecordError):
            LOG.warning("What nobody needs any more cannot be looked for now.", exc_info=True)
        await asyncio.sleep(SWEEP_SECONDS)
