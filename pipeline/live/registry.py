"""All live meetings of this node: who may begin one, who goes on with one, and how one ends."""

import asyncio
import contextlib
import logging
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self

import anyio
import anyio.to_thread
import msgspec

from pipeline.engine_pool import EnginePool
from pipeline.ids import new_id
from pipeline.intake import title_of
from pipeline.jobs import Jobs
from pipeline.journal import delete_journals, journal_names
from pipeline.live.hand_on import fail, hand_on
from pipeline.live.heard import is_heard
from pipeline.live.limits import LiveLimits, NotLive, TooManyStreams
from pipeline.live.places import Places
from pipeline.live.running import SumUp
from pipeline.live.session import LOST, LiveSession
from pipeline.manifest import folder_of
from pipeline.options import Options
from pipeline.order import Order
from pipeline.outline import NoSound
from pipeline.patience import Patience
from pipeline.process import StepsOf
from pipeline.steps import live_steps_of
from pipeline.trace import about, origin
from storage.records import NoRecord, RecordError, Records
from storage.rows import MeetingRow, Source
from storage.store import Store, StoreError

__all__ = ["LiveLimits", "LiveMeetings", "NotLive", "TooManyStreams"]

log = logging.getLogger(__name__)

TRIES = 5
"""A meeting whose hearing breaks is taken up again from its journals so often."""
AGAIN_SECONDS = 2.0
"""Pause before that."""
ADOPT_SECONDS = 60.0
"""Meetings that nobody hears are looked for so often."""
DRAIN_SECONDS = 5.0
"""At the end of the server, what came is stored within this."""


class LiveMeetings:
    """Use as `async with`: meetings that an earlier process left open go on, and end when nobody comes back."""

    def __init__(
        self,
        store: Store,
        records: Records,
        pool: EnginePool,
        jobs: Jobs,
        folder: Path,
        limits: LiveLimits | None = None,
        retention_days: float | None = None,
        steps_of: StepsOf = live_steps_of,
        sum_up: SumUp | None = None,
    ) -> None:
        """`folder` is for sound while it is heard; `retention_days` is how long new meetings are kept."""
        self.limits = limits or LiveLimits()
        self.places = Places(self.limits)
        """Room for who comes."""
        self._store, self._records, self._pool, self._jobs, self._folder = store, records, pool, jobs, folder
        self._retention_days, self._steps_of, self._sum_up = retention_days, steps_of, sum_up
        self._sessions: dict[str, LiveSession] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._senders: Counter[LiveSession] = Counter()
        self._broken: Counter[str] = Counter()
        self._left: dict[str, float] = {}
        self._background: list[asyncio.Task[None]] = []
        self._patience = Patience()

    async def __aenter__(self) -> Self:
        # Sound of an earlier process: the journals have it.
        await anyio.to_thread.run_sync(partial(shutil.rmtree, self._folder, ignore_errors=True))
        self._background = [
            asyncio.create_task(self._adopt_always(), name="adopt meetings"),
            asyncio.create_task(self._end_abandoned(), name="end abandoned meetings"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Store what came, and leave meetings open: the next start goes on."""
        with anyio.CancelScope(shield=True):
            await self.drain()
            tasks = [*self._background, *self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Store everything that came so far, as far as the store takes it soon; then tell those who sent it."""
        with anyio.move_on_after(DRAIN_SECONDS):
            async with anyio.create_task_group() as tasks:
                for session in self._sessions.values():
                    tasks.start_soon(_flush, session)

    async def begin(self, owner: str | None, source: Source, title: str | None, options: Options) -> LiveSession:
        """Begin a meeting. No owner is `local`.

        Raises:
            TooManyStreams: this node, or this owner, hears as many as it may.
            EngineError: the engines cannot do what is asked.
        """
        name = owner or "local"
        self._steps_of(NoSound(), self._pool, options)
        now, meeting = datetime.now(UTC), new_id()
        days = self._retention_days
        row = MeetingRow(
            id=meeting,
            owner=name,
            title=title_of(title),
            state="live",
            created_at=now,
            source=source,
            language=options.language,
            options=Order(**msgspec.structs.asdict(options), sound=f"live-{meeting}", origin=origin()).kept(),
            expires_at=now + timedelta(days=days) if days is not None else None,
        )
        with self.places.beginning(name, [session.row.owner for session in self._sessions.values()]):
            await self._records.add_meeting(row)
            return self._start(row)

    async def find(self, meeting: str, owner: str | None) -> LiveSession:
        """Return a meeting that goes on; it is heard here from now on.

        Raises:
            NoRecord: there is none, or it is somebody else's.
            NotLive: it is over.
            NotHere: it is heard elsewhere, and this node is about to stop.
        """
        row = await self._records.meeting(meeting, owner)
        session = self._sessions.get(meeting)
        if session is None and row.state == "live" and row.deleted_at is None:
            self.places.check_open()
            session = self._start(row)
        if session is None or session.is_stopping:
            raise NotLive("This meeting is over; begin a new one.")
        return session

    @contextlib.asynccontextmanager
    async def sending(self, session: LiveSession) -> AsyncIterator[None]:
        """While the block runs, somebody sends sound: the meeting does not end by itself."""
        meeting = session.row.id
        self._senders[session] += 1
        try:
            await session.ready.wait()
            yield
        finally:
            self._senders[session] -= 1
            if not self._senders[session]:
                del self._senders[session]
            # A meeting that came back to this node has a session, and senders, of its own.
            if self._sessions.get(meeting) is session:
                self._left[meeting] = time.monotonic()

    async def end(self, session: LiveSession) -> None:
        """End a meeting, and return when it is on its way to its final transcript."""
        session.stop()
        await session.ended.wait()

    def sessions(self) -> tuple[LiveSession, ...]:
        """Return the meetings that are heard here."""
        return tuple(self._sessions.values())

    def session(self, meeting: str) -> LiveSession | None:
        """Return a meeting if it is heard here."""
        return self._sessions.get(meeting)

    def _start(self, row: MeetingRow) -> LiveSession:
        session = LiveSession(
            self._store,
            self._records,
            self._pool,
            row,
            self._folder / row.id,
            self.limits,
            self._steps_of,
            self._sum_up,
        )
        self._sessions[row.id] = session
        self._left[row.id] = time.monotonic()
        with about(row.id, Order.of(row).origin.request):
            self._tasks[row.id] = asyncio.create_task(self._serve(session), name=f"live {row.id}")
        return session

    async def _serve(self, session: LiveSession) -> None:
        """Hear a meeting to its end, and hand it on; if that breaks, it is taken up again from its journals."""
        meeting = session.row.id
        try:
            await session.serve()
            await hand_on(session, self._jobs, self._patience)
        except LOST:
            await self._forget(session)
        except Exception:
            log.exception("The live meeting %s broke.", meeting)
            if self._sessions.get(meeting) is session:
                self._broken[meeting] += 1
                del self._sessions[meeting]
                self._tasks[meeting] = asyncio.create_task(self._again(session), name=f"live {meeting} again")
            return
        finally:
            session.ended.set()
            session.detach()
        if self._sessions.get(meeting) is session:
            self._gone(meeting)

    async def _again(self, broken: LiveSession) -> None:
        """Begin anew what broke, unless a client that came back has done so."""
        meeting = broken.row.id
        await anyio.sleep(AGAIN_SECONDS)
        if meeting in self._sessions:
            return
        try:
            row = await self._patience.until_done(lambda: self._records.meeting(meeting))
            if row.state == "live" and self._broken[meeting] <= TRIES:
                self._start(row)
                return
            if row.state == "live":
                why = "The meeting could not be heard any more; the log of the server says why."
                await fail(broken, why, self._patience)
        except LOST:
            log.info("The live meeting %s is not ours any more.", meeting)
        self._gone(meeting)

    async def _forget(self, session: LiveSession) -> None:
        """Leave nothing of a meeting that was deleted; one that another node has is left to it."""
        meeting = session.row.id
        log.info("The live meeting %s was deleted, or another node has it.", meeting)
        with contextlib.suppress(NoRecord):
            await self._patience.until_done(lambda: self._records.meeting(meeting))
            return
        await self._patience.until_done(lambda: self._store.delete_all(folder_of(meeting)))

    def _gone(self, meeting: str) -> None:
        for known in (self._sessions, self._tasks, self._left, self._broken):
            known.pop(meeting, None)

    async def _adopt_always(self) -> None:
        """Take up meetings that nobody hears: those of an earlier process, and of a node that is gone."""
        while True:
            try:
                for row in await self._records.unfinished():
                    if row.source != "upload" and row.id not in self._sessions:
                        await self._adopt(row)
            except (RecordError, StoreError):
                log.warning("Meetings that nobody hears cannot be looked for now.", exc_info=True)
            await anyio.sleep(ADOPT_SECONDS)

    async def _adopt(self, row: MeetingRow) -> None:
        if row.state != "live":
            # Killed right before it would have done so, a process left journals that nobody needs.
            if await journal_names(self._store, row.id):
                await delete_journals(self._store, row.id)
            return
        if await is_heard(self._records, row.id):
            return
        row = await self._records.meeting(row.id)
        if row.state == "live" and row.deleted_at is None and row.id not in self._sessions:
            self._start(row)

    async def _end_abandoned(self) -> None:
        """End meetings that nobody sends to any more."""
        limits = self.limits
        while True:
            await anyio.sleep(min(5.0, limits.abandoned_seconds / 4, limits.empty_seconds / 4))
            now = time.monotonic()
            for meeting, session in list(self._sessions.items()):
                if self._senders[session] or not session.ready.is_set():
                    continue
                patience = limits.abandoned_seconds if session.recording.duration else limits.empty_seconds
                if now - self._left.get(meeting, now) > patience:
                    log.info("Nobody sends to the live meeting %s any more: it ends.", meeting)
                    session.stop(abandoned=True)


async def _flush(session: LiveSession) -> None:
    with contextlib.suppress(*LOST):
        await session.flush()
