"""Orders -> work: a durable queue of jobs, one for each run of a meeting, that goes on after any interruption."""

import asyncio
import contextlib
import logging
import sqlite3
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import anyio
import anyio.to_thread
from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID, WorkflowStatus, WorkflowStatusString
from dbos import error as foreign
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from pipeline.order import Order
from pipeline.work import STEPS, Superseded, Verdict, Work
from storage.records import RecordError
from storage.rows import MeetingRow

SCHEMA = "parley-jobs-1"
"""Version of the steps: a job goes on only where this is the same, so it changes when the steps do."""
QUEUE = "meetings"
POLL_SECONDS = 0.25
"""How often a worker looks for work."""
RECONCILE_SECONDS = 20.0
"""How often orders are looked for that have no job."""
START_SECONDS = 5.0
"""An order waits so long for its job to be queued; if the queue is away for longer, `reconcile` does it."""
MOST_RECOVERIES = 100
"""A job that the server did not survive so often is not tried again."""
STOP_SECONDS = 40.0
"""Work that was told to stop gets so long: a blocking call of an engine covers at most 30 s of audio."""
SOON, LATER = 1, 10
"""Priorities: somebody waits for it; nobody does."""
ACTIVE = {WorkflowStatusString.PENDING.value, WorkflowStatusString.ENQUEUED.value, WorkflowStatusString.DELAYED.value}
BROKEN = {WorkflowStatusString.ERROR.value, WorkflowStatusString.MAX_RECOVERY_ATTEMPTS_EXCEEDED.value}

log = logging.getLogger(__name__)


class Jobs:
    """Use as `async with`, one at a time in a process: within it, each order is worked on until it has come to its end.

    The row of a meeting says what is to be done, the queue only who does it: an order whose job was lost gets another.
    """

    def __init__(self, work: Work, url: str, *, executor: str = "local", together: int = 2, works: bool = True) -> None:
        """Keep the queue at `sqlite:////folder/jobs.db` or `postgresql://...`.

        `executor` names this process: after a restart it takes its jobs up again. `together` of them are worked on at
        once; without `works` it only takes orders.
        """
        self.work = work
        self.executor = executor
        self._url, self._together, self._works = url, together, works
        self._at_work: dict[str, set[asyncio.Task[None]]] = defaultdict(set)
        self._background: asyncio.Task[None] | None = None
        self._stopping = False

    async def __aenter__(self) -> Self:
        if self._works:
            await anyio.to_thread.run_sync(self.work.scratch.clear)
        await anyio.to_thread.run_sync(_prepare, self._url)
        DBOS(config=self._config())

        @DBOS.workflow(name="meeting", max_recovery_attempts=MOST_RECOVERIES)
        async def job(meeting: str, run: int) -> None:
            await self._run(meeting, run)

        self._job = job
        DBOS.listen_queues([QUEUE] if self._works else [])
        DBOS.launch()
        await DBOS.register_queue_async(
            QUEUE, worker_concurrency=self._together, polling_interval_sec=POLL_SECONDS, on_conflict="always_update"
        )
        if self._works:
            self._background = asyncio.create_task(self._reconcile_always())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop work where it is; the next start goes on from there."""
        self._stopping = True
        if self._background is not None:
            self._background.cancel()
        with anyio.CancelScope(shield=True):
            await self._cancel([task for tasks in self._at_work.values() for task in tasks])
            # In a thread: workers of the queue may be waiting for this very loop.
            await anyio.to_thread.run_sync(lambda: DBOS.destroy(destroy_registry=True))
            await self._cancel([task for tasks in self._at_work.values() for task in tasks])
        # What it had put there ended with it.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())

    async def start(self, row: MeetingRow, priority: int = LATER) -> None:
        """See to it that an order that was written down is worked on; if the queue is away, later."""
        await self._enqueue(_job_id(row), row, priority)

    async def stop(self, meeting: str) -> bool:
        """End all work on a meeting; here, it has ended when this returns. Return whether none goes on elsewhere."""
        alone = False
        with anyio.move_on_after(START_SECONDS):
            try:
                active = [job for job in await self._jobs_of([meeting]) if job.status in ACTIVE]
                if active:
                    await DBOS.cancel_workflows_async([job.workflow_id for job in active])
                begun = [job for job in active if job.status == WorkflowStatusString.PENDING.value]
                alone = all(job.executor_id == self.executor for job in begun)
            except (foreign.DBOSException, DBAPIError) as error:
                log.warning("The queue of jobs cannot be reached to stop work on %s: %s", meeting, error)
        await self._cancel(self._at_work.get(meeting, set()))
        return alone

    def at_work(self) -> frozenset[str]:
        """Return the meetings that are worked on here."""
        return frozenset(self._at_work)

    async def forget(self, meeting: str) -> None:
        """Delete what the queue knows of a meeting."""
        with anyio.move_on_after(START_SECONDS):
            try:
                jobs = [job.workflow_id for job in await self._jobs_of([meeting])]
                if jobs:
                    await DBOS.delete_workflows_async(jobs)
            except (foreign.DBOSException, DBAPIError) as error:
                log.warning("The queue of jobs cannot be reached to forget %s: %s", meeting, error)

    async def reconcile(self) -> None:
        """Give every order that has no job a new one, and tell users of jobs that broke."""
        rows = [row for row in await self.work.records.unfinished() if row.state == "processing"]
        waiting = [row for row in rows if row.deleted_at is None]
        if not waiting:
            return
        jobs: dict[str, list[WorkflowStatus]] = defaultdict(list)
        for job in await self._jobs_of([row.id for row in waiting]):
            jobs[job.workflow_id.partition(".")[0]].append(job)
        for row in waiting:
            if not any(job.status in ACTIVE for job in jobs[row.id]):
                await self._revive(row, jobs[row.id])

    async def _revive(self, seen: MeetingRow, jobs: list[WorkflowStatus]) -> None:
        row = await self.work.records.meeting(seen.id)
        order = Order.of(row)
        if row.state != "processing" or row.deleted_at is not None or order.run != Order.of(seen).run:
            return  # it came to its end meanwhile
        last = max(jobs, key=lambda job: job.created_at or 0, default=None)
        if last is None:
            await self.start(row)
        elif last.status in BROKEN:
            await self.work.fail(row.id, order.run, "Processing broke off without a reason. Run it again.")
        else:
            await self._enqueue(f"{_job_id(row)}.{row.attempt}", row, LATER)

    async def _reconcile_always(self) -> None:
        while True:
            try:
                await self.reconcile()
            except (RecordError, foreign.DBOSException, DBAPIError) as error:
                log.warning("Orders without a job cannot be looked for now: %s", error)
            await asyncio.sleep(RECONCILE_SECONDS)

    async def _enqueue(self, id: str, row: MeetingRow, priority: int) -> None:
        with anyio.move_on_after(START_SECONDS), SetWorkflowID(id), SetEnqueueOptions(priority=priority):
            try:
                await DBOS.enqueue_workflow_async(QUEUE, self._job, row.id, Order.of(row).run)
            except (foreign.DBOSException, DBAPIError) as error:
                log.warning("The queue of jobs cannot be reached; %s waits: %s", row.id, error)

    async def _run(self, meeting: str, run: int) -> None:
        """Work on a meeting; what ends this early, and no verdict, is made up for by the next start."""
        task = asyncio.current_task()
        assert task is not None
        if self._stopping:
            raise asyncio.CancelledError
        self._at_work[meeting].add(task)
        try:
            await self._steps(meeting, run)
        except Superseded as superseded:
            # Our attempt fenced the one that is needed: it gets another.
            await self._enqueue(f"{_job_id(superseded.row)}.{superseded.row.attempt}", superseded.row, LATER)
        except Exception as error:
            log.exception("Work on %s broke.", meeting)
            await self.work.fail(meeting, run, f"Processing broke ({type(error).__name__}: {error}). Run it again.")
            raise
        finally:
            self._at_work[meeting].discard(task)
            if not self._at_work[meeting]:
                del self._at_work[meeting]

    async def _steps(self, meeting: str, run: int) -> None:
        for step in STEPS:
            verdict: Verdict = await DBOS.run_step_async(
                {"name": step, "preemptible": True}, self.work.do, step, meeting, run
            )
            if verdict.outcome == "failed":
                await DBOS.run_step_async({"name": "fail"}, self.work.fail, meeting, run, verdict.why)
            if verdict.outcome != "on":
                return

    async def _jobs_of(self, meetings: list[str]) -> list[WorkflowStatus]:
        prefixes: list[str] = [f"{meeting}." for meeting in meetings]
        found = []
        for first in range(0, len(prefixes), 100):
            found += await DBOS.list_workflows_async(
                workflow_id_prefix=[*prefixes[first : first + 100]], load_input=False, load_output=False
            )
        return found

    async def _cancel(self, tasks: "set[asyncio.Task[None]] | list[asyncio.Task[None]]") -> None:
        own = [task for task in tasks if task is not asyncio.current_task()]
        for task in own:
            task.cancel()
        if own:
            await asyncio.wait(own, timeout=STOP_SECONDS)

    def _config(self) -> DBOSConfig:
        return {
            "name": "parley",
            "system_database_url": self._url,
            "application_version": SCHEMA,
            "executor_id": self.executor,
            "log_level": "ERROR",
            "enable_otlp": False,
            "conductor_key": None,
            "scheduler_polling_interval_sec": 3600.0,
        }


def _job_id(row: MeetingRow) -> str:
    return f"{row.id}.{Order.of(row).run}"


def _prepare(url: str) -> None:
    """Let readers of a queue in a file not wait for its writer."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        with contextlib.closing(sqlite3.connect(address.database)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
