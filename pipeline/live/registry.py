"""All live meetings of this node: who may begin one, who goes on with one, and how one ends."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import anyio
import msgspec

from pipeline.engine_pool import EnginePool
from pipeline.events import stage_event
from pipeline.jobs import SOON, Jobs
from pipeline.journal import delete_journals, journal_names
from pipeline.live.merge import TooLong, merge
from pipeline.live.session import LiveSession
from pipeline.manifest import folder_of
from pipeline.options import Options
from pipeline.order import Order
from pipeline.patience import Patience
from stages.engine_errors import EngineError
from storage.records import NoRecord, Overtaken, Records
from storage.rows import MeetingRow, Source, StageRow
from storage.store import Store

log = logging.getLogger(__name__)


class TooManyStreams(Exception):
    """No more live meetings can be heard at the moment (429)."""


class NotLive(Exception):
    """The meeting is over (409)."""


class LiveLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much live sound one node takes."""

    meetings: int = 12
    """Live meetings at once."""
    meetings_per_owner: int = 6
    """Live meetings of one owner at once."""
    tracks: int = 16
    """Tracks in one meeting."""
    abandoned_seconds: float = 300.0
    """A meeting that nobody sends sound to for so long ends itself, and is processed."""


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
    ) -> None:
        self.limits = limits or LiveLimits()
        self._store, self._records, self._pool, self._jobs, self._folder = store, records, pool, jobs, folder
        self._sessions: dict[str, LiveSession] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._senders: dict[str, int] = {}
        self._left: dict[str, float] = {}
        self._watch: asyncio.Task[None] | None = None
        self._patience = Patience()

    async def __aenter__(self) -> Self:
        for row in await self._records.unfinished():
            if row.state == "live":
                self._start(row)
        self._watch = asyncio.create_task(self._end_abandoned())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave meetings open: what is acknowledged is stored, and the next start goes on."""
        tasks = [*self._tasks.values(), *([self._watch] if self._watch else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def begin(self, owner: str | None, source: Source, title: str, options: Options) -> LiveSession:
        """Begin a meeting.

        Raises:
            TooManyStreams: this node, or this owner, hears as many as it may.
            EngineError: the engines cannot do what is asked.
        """
        name = owner or "local"
        own = sum(session.row.owner == name for session in self._sessions.values())
        if len(self._sessions) >= self.limits.meetings or own >= self.limits.meetings_per_owner:
            most = self.limits.meetings if own < self.limits.meetings_per_owner else self.limits.meetings_per_owner
            raise TooManyStreams(
                f"{most} live meetings are open, as many as allowed. End one, or try again in a minute."
            )
        self._pool.host("asr", options.asr).engine.check(options.wish)
        now = datetime.now(UTC)
        meeting = f"{int(now.timestamp() * 1000):011x}{secrets.token_hex(8)}"
        order = Order(**msgspec.structs.asdict(options), sound=f"live-{meeting}")
        row = MeetingRow(
            id=meeting,
            owner=name,
            title=title or f"Meeting of {now:%Y-%m-%d %H:%M}",
            state="live",
            created_at=now,
            source=source,
            language=options.language,
            options=order.kept(),
        )
        await self._records.add_meeting(row)
        return self._start(row)

    async def find(self, meeting: str, owner: str | None) -> LiveSession:
        """Return a meeting that is heard here.

        Raises:
            NoRecord: there is none, or it is somebody else's.
            NotLive: it is over, or another node hears it.
        """
        row = await self._records.meeting(meeting, owner)
        session = self._sessions.get(meeting)
        if session is None and row.state == "live":
            session = self._start(row)
        if session is None:
            raise NotLive("This meeting is over; begin a new one.")
        return session

    @contextlib.asynccontextmanager
    async def sending(self, session: LiveSession) -> AsyncIterator[None]:
        """While the block runs, somebody sends sound: the meeting does not end by itself."""
        meeting = session.row.id
        self._senders[meeting] = self._senders.get(meeting, 0) + 1
        try:
            await session.ready.wait()
            yield
        finally:
            self._senders[meeting] -= 1
            self._left[meeting] = time.monotonic()

    async def end(self, session: LiveSession) -> None:
        """End a meeting, and return when it is on its way to its final transcript."""
        session.stop()
        await session.ended.wait()

    def sessions(self) -> tuple[LiveSession, ...]:
        """Return the meetings that are heard here."""
        return tuple(self._sessions.values())

    def _start(self, row: MeetingRow) -> LiveSession:
        session = LiveSession(self._store, self._records, self._pool, row, self._folder / row.id)
        self._sessions[row.id] = session
        self._left[row.id] = time.monotonic()
        self._tasks[row.id] = asyncio.create_task(self._serve(session), name=f"live {row.id}")
        return session

    async def _serve(self, session: LiveSession) -> None:
        """Hear a meeting to its end, and hand it on."""
        try:
            await session.serve()
            await self._hand_on(session)
        except (NoRecord, Overtaken):
            log.info("The live meeting %s was deleted, or another node has it.", session.row.id)
        except EngineError as error:
            await self._records.change_meeting(session.row.id, {"state": "failed", "error": str(error)})
        finally:
            self._sessions.pop(session.row.id, None)
            self._tasks.pop(session.row.id, None)
            session.detach()
            session.ended.set()

    async def _hand_on(self, session: LiveSession) -> None:
        """Store the recording as one file, and order the offline run."""
        row, recording = session.row, session.recording
        key = f"{folder_of(row.id)}/original/meeting.wav"
        try:
            size = await self._patience.until_done(lambda: merge(recording, self._store, key))
        except TooLong as error:
            await self._records.change_meeting(row.id, {"state": "failed", "error": str(error)})
            return
        order = Order.of(row)
        if len(recording.tracks) > 1:
            order = msgspec.structs.replace(order, tracks="channels")
        changes = {
            "state": "processing",
            "original": key,
            "media_type": "audio/wav",
            "size": size,
            "duration": recording.duration,
            "options": order.kept(),
        }
        changed = await self._patience.until_done(lambda: self._records.change_meeting(row.id, changes))
        await self._records.add_events(row.id, [stage_event(StageRow(name="recording", state="done", progress=1.0))])
        await self._jobs.start(changed, SOON)
        if await journal_names(self._store, row.id):
            await delete_journals(self._store, row.id)

    async def _end_abandoned(self) -> None:
        """End meetings that nobody sends to any more."""
        while True:
            await anyio.sleep(min(5.0, self.limits.abandoned_seconds / 4))
            now = time.monotonic()
            for meeting, session in list(self._sessions.items()):
                gone = not self._senders.get(meeting) and now - self._left.get(meeting, now)
                if gone and gone > self.limits.abandoned_seconds:
                    log.info("Nobody sends to the live meeting %s any more: it ends.", meeting)
                    session.stop()
