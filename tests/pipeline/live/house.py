"""A whole house for live tests: real SQLite, a folder, the embedded engines, jobs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from pipeline.engine_pool import EnginePool
from pipeline.jobs import Jobs
from pipeline.live.registry import LiveLimits, LiveMeetings
from pipeline.scratch import Scratch
from pipeline.steps import live_steps_of, steps_of
from pipeline.work import Work
from storage.artifact_store import open_store
from storage.database.database import open_database
from storage.records import Records
from storage.store import Store
from tests.api.live.toys import toy_live_steps
from tests.pipeline.toy_server import toy_steps


class House(msgspec.Struct):
    """What a test may use."""

    live: LiveMeetings
    records: Records
    store: Store
    pool: EnginePool
    jobs: Jobs


@asynccontextmanager
async def house(
    folder: Path, limits: LiveLimits | None = None, *, toys: bool = False, wrap: Callable[[Store], Store] = lambda s: s
) -> AsyncIterator[House]:
    """Open a house in a folder; opened there again, it goes on where it was. `toys` have no models."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nobody waits for it
    store = wrap(open_store(str(folder / "artifacts")))
    records = open_database(f"sqlite+aiosqlite:///{folder / 'parley.db'}")
    await records.migrate()
    pool = EnginePool()
    work = Work(store, records, pool, Scratch(folder / "scratch"), steps_of=toy_steps if toys else steps_of)
    live_steps = toy_live_steps if toys else live_steps_of
    try:
        async with Jobs(work, f"sqlite:///{folder / 'jobs.db'}") as jobs:
            live = LiveMeetings(store, records, pool, jobs, folder / "live", limits, steps_of=live_steps)
            async with live:
                yield House(live, records, store, pool, jobs)
    finally:
        await pool.close()
        await records.close()


async def done(records: Records, meeting: str) -> None:
    """Wait until a meeting is processed."""
    async with asyncio.timeout(60), records.follow(meeting) as changes:
        while (await records.meeting(meeting)).state not in ("done", "failed"):
            await anext(changes)
