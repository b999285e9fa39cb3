"""Items of stages -> stage rows and events of a meeting: an observer of a run."""

import math
import time
from collections.abc import Mapping, Sequence

import anyio
import msgspec

from pipeline.events import Event, progress_message, stage_event
from pipeline.patience import Patience
from pipeline.recording import Recording
from stages.speech import Gap, Span
from storage.records import DatabaseAway, Records
from storage.rows import StageRow

EVERY_SECONDS = 0.5
"""Progress is written at most so often."""


class Progress:
    """Writes down how far each stage is. A database that is away costs news of progress, but no event.

    Raises from every call:
        Overtaken: a newer attempt has the meeting.
        NoRecord: the meeting was deleted.
    """

    def __init__(
        self, records: Records, meeting: str, attempt: int, known: Sequence[StageRow], patience: Patience
    ) -> None:
        """Go on from what is known of the stages."""
        self._records, self._meeting, self._attempt, self._patience = records, meeting, attempt, patience
        self._rows = {row.name: row for row in known}
        self._recording: Recording | None = None
        self._events: list[Event] = []
        self._began: dict[str, tuple[float, float]] = {}
        self._changed: set[str] = set()
        self._written = -math.inf
        self._writing = anyio.Lock()

    def watch(self, engines: Mapping[str, str | None], recording: Recording) -> "Progress":
        """Learn which stages there are, in plan order, and what they listen to."""
        self._recording = recording
        before = self._rows
        self._rows = {
            name: msgspec.structs.replace(before.get(name, StageRow(name=name)), engine=engine)
            for name, engine in engines.items()
        }
        return self

    async def item(self, stage: str, item: Span) -> None:
        """Note how far a stage is."""
        row = self._rows[stage]
        if stage not in self._began:
            self._began[stage] = (time.monotonic(), item.start)
            if row.state != "running":
                await self._change(msgspec.structs.replace(row, state="running", progress=0.0, error=None))
        if math.isfinite(item.end):
            self._advance(stage, item.end)
        if time.monotonic() - self._written >= EVERY_SECONDS and not self._writing.locked():
            await self._try_to_write()

    async def ended(self, stage: str) -> None:
        """Note that a stage is done."""
        if self._rows[stage].state != "done":
            await self._change(msgspec.structs.replace(self._rows[stage], state="done", progress=1.0, error=None))

    async def failed(self, stage: str, gap: Gap) -> None:
        """Note that a stage gave up, and why."""
        await self._change(msgspec.structs.replace(self._rows[stage], state="failed", error=gap.reason))

    def _advance(self, stage: str, end: float) -> None:
        sound = self._recording
        total = (sound.expected or sound.duration) if sound is not None else 0.0
        row = self._rows[stage]
        progress = max(row.progress, min(0.99, end / total)) if total else row.progress
        since, start = self._began[stage]
        worked = time.monotonic() - since
        rtfx = round((end - start) / worked, 2) if worked > EVERY_SECONDS and end > start else row.rtfx
        self._rows[stage] = msgspec.structs.replace(row, progress=progress, rtfx=rtfx)
        self._changed.add(stage)

    async def _change(self, row: StageRow) -> None:
        """Take a new state of a stage, and write everything that waits, however long that takes."""
        self._rows[row.name] = row
        self._events.append(stage_event(row))
        await self._patience.until_done(self._write)

    async def _try_to_write(self) -> None:
        try:
            await self._write()
            rows = [self._rows[name] for name in self._rows if name in self._changed]
            self._changed.clear()
            if rows and (message := progress_message(rows)):
                await self._records.tell(self._meeting, message)
        except DatabaseAway:
            self._written = time.monotonic()  # what waits goes with the next try

    async def _write(self) -> None:
        async with self._writing:
            await self._records.set_stages(self._meeting, self._attempt, list(self._rows.values()))
            waiting, self._events = self._events, []
            try:
                if waiting:
                    await self._records.add_events(self._meeting, waiting, self._attempt)
            except DatabaseAway:
                self._events = waiting + self._events
                raise
            self._written = time.monotonic()
