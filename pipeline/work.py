"""What a job does to a meeting: recognise, summarise, publish, each safe to do again after any interruption."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Literal

import msgspec

from pipeline.about import Known
from pipeline.asking.vectors import TextVectors
from pipeline.attempts import Fenced, check, take_over
from pipeline.captions import Captions
from pipeline.engine_pool import EnginePool
from pipeline.events import Event, end_event, error_event, slide_event, summary_event, utterance_event
from pipeline.labels import keep_labels
from pipeline.measures import JOB_STEP, JOB_WAIT
from pipeline.options import Options
from pipeline.order import Order
from pipeline.patience import Patience
from pipeline.payer import paid_by, payer_of
from pipeline.process import StepsOf, process
from pipeline.progress import Progress
from pipeline.queues import STEPS, StepName
from pipeline.runner import StageFailed
from pipeline.scratch import Scratch
from pipeline.shown import gather
from pipeline.slides import Slide, may_have_slides, may_show, slides
from pipeline.spoken_in import spoken_in
from pipeline.steps import Step, steps_of
from pipeline.trace import MEETING, Origin, span
from pipeline.view import View, view
from stages.engine_errors import EngineError
from stages.media_errors import MediaError
from stages.stage import Sound
from stages.summarize import About, Summarize
from storage.records import NoRecord, Overtaken, Records
from storage.rows import MeetingRow
from storage.store import Store, StoreError

log = logging.getLogger(__name__)

SUMMARY = "summarize"
"""The stage that has a step of its own: the transcript does not wait for it."""
BATCH = 200
"""Events written together."""
PAGE = 500
"""Events read together."""


class Superseded(Exception):
    """The meeting was trashed, ordered again, or has come to its end: this job has nothing to do any more."""

    def __init__(self, row: MeetingRow, *, took: bool) -> None:
        super().__init__(f"The meeting {row.id} needs this job no more.")
        self.row = row
        self.took = took
        """Whether an attempt was begun by mistake, which stopped the one that is needed."""


class Verdict(msgspec.Struct, frozen=True):
    """How a step went."""

    outcome: Literal["on", "stop", "failed"]
    """`on`: the next step may begin; `stop`: somebody else has the meeting, or nobody needs it; `failed`: see `why`."""
    why: str = ""
    """A sentence for the user."""


class Work:
    """The steps of a job. Each begins an attempt of its own: two that work on one meeting do not mix."""

    def __init__(
        self,
        store: Store,
        records: Records,
        pool: EnginePool,
        scratch: Scratch,
        *,
        steps_of: StepsOf = steps_of,
        patience: Patience | None = None,
        known: Known | None = None,
        captions: Captions | None = None,
    ) -> None:
        self.store, self.records, self.pool, self.scratch = store, records, pool, scratch
        self._known = known or Known()
        self._captions = captions
        self.steps_of = steps_of
        self.patience = patience or Patience()

    async def do(self, step: StepName, meeting: str, run: int) -> Verdict:
        """Do a step, waiting for a store or database that is away. Errors that only an other input cures are verdicts.

        Raises:
            Superseded: another run was ordered while an attempt of this one began.
        """
        tries: Mapping[StepName, Callable[[str, int], Awaitable[None]]] = {
            "recognise": self._recognise,
            "summarise": self._summarise,
            "publish": self._publish,
        }
        began = time.monotonic()
        try:
            verdict = await self._try(partial(tries[step], meeting, run), step)
        except BaseException:
            JOB_STEP.labels(step, "broken").observe(time.monotonic() - began)
            raise
        JOB_STEP.labels(step, verdict.outcome).observe(time.monotonic() - began)
        log.info("Step %s: %s after %.1f s.", step, verdict.outcome, time.monotonic() - began)
        return verdict

    async def _try(self, work: Callable[[], Awaitable[None]], step: StepName) -> Verdict:
        try:
            with span(step, meeting=MEETING.get()):
                await self.patience.until_done(partial(_twice, work))
        except Superseded as superseded:
            if superseded.took:
                raise
            return Verdict("stop")
        except (Fenced, Overtaken, NoRecord):
            return Verdict("stop")
        except (MediaError, EngineError, StoreError, StageFailed, OSError) as error:
            return Verdict("failed", str(error) or type(error).__name__)
        return Verdict("on")

    async def began(self, meeting: str, step: StepName) -> Origin:
        """Return who ordered the work that begins, and count how long it waited."""
        try:
            row = await self.patience.until_done(partial(self.records.meeting, meeting))
        except NoRecord:
            return Origin()
        ordered = Order.of(row).origin
        # What goes on after a crash did not wait, but was interrupted.
        if ordered.at and step == STEPS[0] and not any(stage.state == "running" for stage in row.stages):
            JOB_WAIT.observe(max(0.0, time.time() - ordered.at))
        return ordered

    async def fail(self, meeting: str, run: int, why: str) -> Verdict:
        """Say on the meeting that nothing will come of it, and why."""
        try:
            await self.patience.until_done(partial(self._fail, meeting, run, why))
        except (Superseded, Overtaken, NoRecord):
            return Verdict("stop")
        return Verdict("failed", why)

    async def _begin(self, meeting: str, run: int) -> tuple[MeetingRow, Order, int]:
        """Begin an attempt, if the meeting still wants this run."""
        row = await self.records.meeting(meeting)
        if not _wanted(row, run):
            raise Superseded(row, took=False)
        attempt = await self.records.next_attempt(meeting)
        row = await self.records.meeting(meeting)
        if not _wanted(row, run):
            raise Superseded(row, took=True)
        return row, Order.of(row), attempt

    async def _process(
        self, row: MeetingRow, order: Order, attempt: int, make: Callable[[str], bool], about: About | None = None
    ) -> None:
        if row.original is None:
            raise MediaError("This meeting has no sound.")
        progress = Progress(self.records, row.id, attempt, row.stages, self.patience)
        job = f"{row.id}-{attempt}"
        await process(
            partial(self.scratch.original, self.store, row.original, order.digest, job) if make is recognises else None,
            self.store,
            row.id,
            self.pool,
            order,
            self.scratch.folder / f"{job}-sound",
            sound=f"{order.sound} {order.tracks}",
            watch=progress.watch,
            attempt=attempt,
            takes=order.takes,
            make=make,
            steps_of=self.steps_of if about is None else partial(_steps_about, self.steps_of, about),
            pictures=may_show(row),
        )

    async def _recognise(self, meeting: str, run: int) -> None:
        row, order, attempt = await self._begin(meeting, run)
        await self._process(row, order, attempt, recognises)
        seen = await view(self.store, self.records, row, await gather(self.store, meeting))
        await check(self.store, meeting, attempt)
        await keep_labels(self.store, meeting, seen.labels.after(seen.found.utterances))
        known: dict[str, object] = {"duration": seen.found.heard.duration}
        if may_show(row) and seen.found.heard.media_type is not None:
            known["media_type"] = seen.found.heard.media_type
        await self.records.change_meeting(meeting, known, attempt)
        await self._add(meeting, attempt, [utterance_event(utterance) for utterance in seen.utterances])
        await self._add(meeting, attempt, [slide_event(slide) for slide in await self._slides(row)])

    async def _summarise(self, meeting: str, run: int) -> None:
        row, order, attempt = await self._begin(meeting, run)
        seen = await view(self.store, self.records, row)
        with paid_by(await payer_of(self.records, row)):
            await self._write(row, order, attempt, seen)
        seen = await view(self.store, self.records, row, await gather(self.store, meeting))
        if (summary := seen.summary) is not None:
            await self._add(meeting, attempt, [summary_event(summary)])

    async def _write(self, row: MeetingRow, order: Order, attempt: int, seen: View) -> None:
        """Have slides read, then the summary made, which may cite what was read."""
        if self._captions is not None and may_have_slides(row):
            await take_over(self.store, row.id, attempt)
            await self._captions.make(
                row.id, attempt, seen.utterances, lambda slide: self._add(row.id, attempt, [slide_event(slide)])
            )
        about = await self._known.of(seen, await self._slides(row))
        await self._process(row, order, attempt, summarises, about)

    async def _slides(self, row: MeetingRow) -> tuple[Slide, ...]:
        return await slides(self.store, row.id) if may_have_slides(row) else ()

    async def _publish(self, meeting: str, run: int) -> None:
        row = await self.records.meeting(meeting)
        if row.state in ("done", "failed") and Order.of(row).run == run:
            await self._end(row, run, None)  # an earlier try of this step came that far, or of the last word
            return
        row, order, attempt = await self._begin(meeting, run)
        seen = await view(self.store, self.records, row)
        await self.records.index(meeting, seen.to_find)
        if any(role == "embed" for role, _ in self.pool.hosts()):
            # The first question need not wait for them; where they cannot be made now, it makes them.
            with suppress(EngineError):
                await TextVectors(self.store, self.pool).of_meeting(meeting, [row.text for row in seen.to_find])
        language = order.target or order.language or await spoken_in(self.store, meeting)
        done = {"state": "done", "error": None, "language": language, "duration": seen.found.heard.duration}
        await self._end(await self.records.change_meeting(meeting, done, attempt), run, attempt)

    async def _fail(self, meeting: str, run: int, why: str) -> None:
        row = await self.records.meeting(meeting)
        if row.state == "failed" and Order.of(row).run == run:
            await self._end(row, run, None)  # an earlier try came that far
            return
        row, _, attempt = await self._begin(meeting, run)
        running = [stage for stage in row.stages if stage.state == "running"]
        stages = [msgspec.structs.replace(stage, state="failed", error=why) for stage in running]
        if stages:
            await self.records.set_stages(meeting, attempt, stages)
        await self._add(meeting, attempt, [error_event("failed", why)])
        row = await self.records.change_meeting(meeting, {"state": "failed", "error": why}, attempt)
        await self._end(row, run, attempt)

    async def _end(self, row: MeetingRow, run: int, attempt: int | None) -> None:
        """Tell the end of a run, once."""
        after, ended = 0, end_event(run, row.state)
        while events := await self.records.events(row.id, after, PAGE):
            if any((event.type, event.data) == ended for event in events):
                return
            after = events[-1].number
        await self.records.add_events(row.id, [ended], attempt)

    async def _add(self, meeting: str, attempt: int, events: list[Event]) -> None:
        for first in range(0, len(events), BATCH):
            await self.records.add_events(meeting, events[first : first + BATCH], attempt)


def _steps_about(steps_of: StepsOf, about: About, sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
    """Return the steps, of which that which summarises knows more."""
    steps = steps_of(sound, pool, options)
    for step in steps:
        if isinstance(step.stage, Summarize):
            step.stage.about = about
    return steps


def recognises(stage: str) -> bool:
    """Tell whether a stage belongs to the step that recognises."""
    return stage != SUMMARY


def summarises(stage: str) -> bool:
    """Tell whether a stage belongs to the step that summarises."""
    return stage == SUMMARY


def _wanted(row: MeetingRow, run: int) -> bool:
    return row.state == "processing" and row.deleted_at is None and Order.of(row).run == run


async def _twice(work: Callable[[], Awaitable[None]]) -> None:
    """Do work, and once more if a stage breaks: what it had made is kept, and memory may have been short."""
    try:
        await work()
    except StageFailed:
        await work()
