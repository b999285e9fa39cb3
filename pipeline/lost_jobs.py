"""Orders that nobody works on: their jobs were lost, their node died, or no node understands them any more."""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from dbos import DBOS, WorkflowStatus, WorkflowStatusString
from dbos import error as foreign
from sqlalchemy.exc import DBAPIError

from pipeline.nodes import Nodes
from pipeline.order import Order
from pipeline.queues import LATER, SOON, STEPS, StepName
from pipeline.work import Work
from storage.records import NoRecord, RecordError
from storage.rows import MeetingRow

RECONCILE_SECONDS = 20.0
"""How often orders are looked for that have no job."""
TAKE_OVER_SECONDS = 3.0
"""How often jobs of dead nodes are looked for."""
MOST_JOBS = 100
"""An order that no server survived so often is not tried again."""
MOST_BROKEN = 3
"""Nor one whose jobs broke so often without a reason."""
BEGUN = WorkflowStatusString.PENDING.value
WAITING = (WorkflowStatusString.ENQUEUED.value, WorkflowStatusString.DELAYED.value)
BROKEN = (WorkflowStatusString.ERROR.value, WorkflowStatusString.MAX_RECOVERY_ATTEMPTS_EXCEEDED.value)
JOB = "meeting"
"""Name of the workflow that works on a meeting; the other one delivers to a webhook."""
AGAIN = ".n"
"""Follows the id of a job that was taken over in that of the one that took its place."""
IDLE_SECONDS = 20.0
"""A node begins a job that it has taken sooner than this."""

log = logging.getLogger(__name__)


class Queue(Protocol):
    """Where jobs wait, as `pipeline.jobs.Jobs` keeps it."""

    work: Work

    async def start(self, row: MeetingRow) -> None:
        """Give an order its first job."""

    async def known(self, meetings: list[str]) -> list[WorkflowStatus]:
        """Return what the queue knows of meetings, ended or not."""

    async def enqueue(self, id: str, row: MeetingRow, priority: int, step: StepName = STEPS[0]) -> bool:
        """Queue a job; if there is one of this id, nothing happens. Return whether there is one now."""

    def at_work(self) -> frozenset[str]:
        """Return the meetings that are worked on here."""


class LostJobs:
    """Looks, on every node that works; whoever finds something first gives the order a new job."""

    def __init__(self, queue: Queue, nodes: Nodes | None, version: str) -> None:
        """Without `nodes`, this process is the only one that works on the queue."""
        self._queue, self._nodes, self._version = queue, nodes, version
        self.idle_seconds = IDLE_SECONDS
        """A job that this node took and has not begun for so long is lost."""
        self._idle: dict[str, float] = {}

    def looked_for(self) -> list[asyncio.Task[None]]:
        """Look for them until the tasks are cancelled."""
        tasks = [asyncio.create_task(_always(self.reconcile, RECONCILE_SECONDS), name="look for lost orders")]
        if self._nodes is not None:
            tasks.append(asyncio.create_task(_always(self.take_over, TAKE_OVER_SECONDS), name="look for dead nodes"))
        return tasks

    async def reconcile(self) -> None:
        """Give every order that has no job, or none that a living node understands, a new one; tell of broken jobs."""
        rows = [row for row in await self._queue.work.records.unfinished() if row.state == "processing"]
        waiting = [row for row in rows if row.deleted_at is None]
        if not waiting:
            return
        understood = await self._understood()
        jobs: dict[str, list[WorkflowStatus]] = defaultdict(list)
        for job in await self._queue.known([row.id for row in waiting]):
            jobs[job.workflow_id.partition(".")[0]].append(job)
        for row in waiting:
            active = [job for job in jobs[row.id] if job.status in (BEGUN, *WAITING)]
            stranded = [job for job in active if _is_stranded(job, understood)]
            if len(stranded) == len(active):
                await self._revive(row, jobs[row.id], stranded)

    async def take_over(self) -> None:
        """Give the work of nodes that died to those that live, and what this node was given and has lost sight of."""
        alive = await self._nodes.alive() if self._nodes is not None else None
        if alive is None:
            return
        begun = await DBOS.list_workflows_async(status=BEGUN, load_input=False, load_output=False)
        forgotten = self._forgotten(begun)
        for job in begun:
            node = alive.get(job.executor_id or "")
            # A node that came back as another version does not take its old jobs up.
            if node is None or node.version != job.app_version:
                log.warning("The node %s is gone: its job %s is taken over.", job.executor_id, job.workflow_id)
                await self._begin_again(job)
            elif job.workflow_id in forgotten:
                log.warning("The job %s is not worked on by this node, which has taken it.", job.workflow_id)
                await self._begin_again(job)

    def _forgotten(self, begun: Sequence[WorkflowStatus]) -> set[str]:
        """Return jobs that this node took from the queue and never began: the database went away in between."""
        me, at_work, now = self._nodes.me.name if self._nodes else None, self._queue.at_work(), time.monotonic()
        idle = [job.workflow_id for job in begun if job.executor_id == me and job.name == JOB]
        idle = [id for id in idle if id.partition(".")[0] not in at_work]
        self._idle = {id: self._idle.get(id, now) for id in idle}
        return {id for id, since in self._idle.items() if now - since > self.idle_seconds}

    async def _begin_again(self, job: WorkflowStatus) -> None:
        """Put another job in the place of one that nobody works on: its attempt fences whatever the old one does."""
        if job.name != JOB:
            # Of deliveries, receivers tell by the id of the event which they know already.
            await DBOS.resume_workflow_async(job.workflow_id, queue_name=job.queue_name)
            return
        meeting, run, *_ = job.workflow_id.split(".")
        with contextlib.suppress(NoRecord):
            row = await self._queue.work.records.meeting(meeting)
            if row.state != "live" and row.deleted_at is None and int(run) == Order.of(row).run:
                # What came to its end may not have been told yet: that is for the last step to say.
                step = STEPS[0] if row.state == "processing" else STEPS[-1]
                if job.workflow_id.count(AGAIN) >= MOST_JOBS:
                    await self._queue.work.fail(meeting, int(run), "No server survived this work. Run it again.")
                    step = STEPS[-1]
                # Named after the old one: there is one, however many nodes look. It was waited for long enough.
                if not await self._queue.enqueue(f"{job.workflow_id}{AGAIN}", row, SOON, step):
                    return
        await DBOS.cancel_workflows_async([job.workflow_id])

    async def _understood(self) -> set[str] | None:
        """Return the versions of jobs that some living node works on; None while that cannot be told."""
        alive = await self._nodes.alive() if self._nodes is not None else {}
        return None if alive is None else {self._version, *(node.version for node in alive.values() if node.queues)}

    async def _revive(self, seen: MeetingRow, jobs: Sequence[WorkflowStatus], lost: Sequence[WorkflowStatus]) -> None:
        """Give an order a new job, in the place of those that are lost."""
        if lost:
            await DBOS.cancel_workflows_async([job.workflow_id for job in lost])
        row = await self._queue.work.records.meeting(seen.id)
        order = Order.of(row)
        if row.state != "processing" or row.deleted_at is not None or order.run != Order.of(seen).run:
            return  # it came to its end meanwhile
        broken = [job for job in jobs if job.status in BROKEN]
        if not jobs:
            await self._queue.start(row)
        elif len(broken) >= MOST_BROKEN or len(jobs) >= MOST_JOBS:
            await self._queue.work.fail(row.id, order.run, "Processing broke off without a reason. Run it again.")
        else:
            # Whoever sees the same jobs gives the new one the same name: there is one, however many nodes look.
            await self._queue.enqueue(f"{row.id}.{order.run}.n{len(jobs)}", row, LATER)


def _is_stranded(job: WorkflowStatus, understood: set[str] | None) -> bool:
    return job.status in WAITING and understood is not None and job.app_version not in understood


async def _always(work: Callable[[], Awaitable[None]], pause_seconds: float) -> None:
    while True:
        try:
            await work()
        except (RecordError, foreign.DBOSException, DBAPIError) as error:
            log.warning("Orders that nobody works on cannot be looked for now: %s", error)
        await asyncio.sleep(pause_seconds)
