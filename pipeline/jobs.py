"""Orders -> work: a durable queue of jobs, one for each run of a meeting, that goes on after any interruption."""

import asyncio
import contextlib
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import anyio
import anyio.to_thread
from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID, WorkflowStatus, WorkflowStatusString
from dbos import error as foreign
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DBAPIError

from pipeline.lost_jobs import JOB, LostJobs
from pipeline.nodes import Nodes
from pipeline.order import Order
from pipeline.queues import LATER, SOON, STEPS, StepName, queue_of
from pipeline.trace import about, span
from pipeline.webhooks.queue import QUEUE as WEBHOOKS
from pipeline.webhooks.queue import Deliveries
from pipeline.work import Superseded, Verdict, Work
from storage.records import DatabaseAway
from storage.rows import MeetingRow

SCHEMA = "parley-jobs-2"
"""Version of the steps: a job goes on only where this is the same, so it changes when the steps do.

When the last node that understands a version is gone, its jobs are begun anew in the version of those that are there.
"""
QUEUES = ("recognise", "summarise", "publish")
"""What a node with all roles takes work from."""
POLL_SECONDS = 0.25
"""How often a worker looks for new meetings."""
HANDED_ON_SECONDS = 1.0
"""How often it looks for steps that another node handed on."""
START_SECONDS = 5.0
"""An order waits so long for its job to be queued; if the queue is away for longer, `reconcile` does it."""
MOST_COUNTED = 1000
"""Jobs that are counted; whoever looks needs to know no more."""
MOST_RECOVERIES = 100
"""A job that the server did not survive so often is not tried again."""
STOP_SECONDS = 40.0
"""Work that was told to stop gets so long: a blocking call of an engine covers at most 30 s of audio."""
POOL = 5
"""Connections to the database of the queue: a server of PostgreSQL allows 100 to all nodes together."""
ACTIVE = {WorkflowStatusString.PENDING.value, WorkflowStatusString.ENQUEUED.value, WorkflowStatusString.DELAYED.value}

log = logging.getLogger(__name__)


class Jobs:
    """Use as `async with`, one at a time in a process: within it, each order is worked on until it has come to its end.

    The row of a meeting says what is to be done, the queue only who does it: an order whose job was lost gets another.
    """

    def __init__(
        self,
        work: Work,
        url: str,
        *,
        executor: str = "local",
        together: int = 2,
        queues: Sequence[str] = QUEUES,
        nodes: Nodes | None = None,
        version: str = SCHEMA,
        engine: Engine | None = None,
        deliveries: Deliveries | None = None,
    ) -> None:
        """Keep the queue at `sqlite:////folder/jobs.db` or `postgresql://...`.

        `executor` names this process: after a restart it takes its jobs up again. `together` of each of the `queues`
        are worked on at once; without queues it only takes orders. `nodes` tells whose jobs are to be taken over;
        `version` is that of the steps; `engine` gives connections to PostgreSQL, otherwise they are made here.
        `deliveries` tell others what became of meetings.
        """
        self.work = work
        self.executor = executor
        self._url, self._together, self._queues, self._version = url, together, tuple(queues), version
        self.lost = LostJobs(self, nodes, version)
        """Finds orders that nobody works on."""
        self._at_work: dict[str, set[asyncio.Task[None]]] = defaultdict(set)
        self._background: list[asyncio.Task[None]] = []
        self._stopping = False
        self._dbos: DBOS | None = None
        self._engine = engine
        self._deliveries = deliveries

    async def __aenter__(self) -> Self:
        if self._queues:
            await anyio.to_thread.run_sync(self.work.scratch.clear)
        await anyio.to_thread.run_sync(_prepare, self._url)
        self._dbos = DBOS(config=self._config())

        @DBOS.workflow(name=JOB, max_recovery_attempts=MOST_RECOVERIES)
        async def job(meeting: str, run: int, step: StepName) -> None:
            await self._run(meeting, run, step)

        self._job = job
        if self._deliveries is not None:
            self._deliveries.declare()
        DBOS.listen_queues([*self._queues, WEBHOOKS] if self._queues else [])
        DBOS.launch()
        if self._deliveries is not None and self._queues:
            await self._deliveries.open()
        for queue in self._queues:
            await DBOS.register_queue_async(
                queue,
                worker_concurrency=self._together,
                polling_interval_sec=POLL_SECONDS if queue.startswith("recognise") else HANDED_ON_SECONDS,
                on_conflict="always_update",
            )
        if self._queues:
            self._background = self.lost.looked_for()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop work where it is; the next start, or another node, goes on from there."""
        self._take_nothing()
        with anyio.CancelScope(shield=True):
            await self._cancel([task for tasks in self._at_work.values() for task in tasks])
            # In a thread: workers of the queue may be waiting for this very loop.
            await anyio.to_thread.run_sync(lambda: DBOS.destroy(destroy_registry=True))
            await self._cancel([task for tasks in self._at_work.values() for task in tasks])
            if self._engine is not None:
                await anyio.to_thread.run_sync(self._engine.dispose)
        # What it had put there ended with it.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())

    async def drain(self, seconds: float) -> None:
        """Take no more work, and let what is under way end within so many seconds."""
        self._take_nothing(may_end=True)
        deadline = anyio.current_time() + seconds
        while self._at_work and (left := deadline - anyio.current_time()) > 0:
            await asyncio.wait([task for tasks in self._at_work.values() for task in tasks], timeout=left)

    def _take_nothing(self, *, may_end: bool = False) -> None:
        self._stopping = self._stopping or not may_end
        for task in self._background:
            task.cancel()
        if self._dbos is not None:
            # What DBOS itself does first when it ends: whoever looks for work stops looking.
            for told in self._dbos.background_thread_stop_events:
                told.set()

    async def start(self, row: MeetingRow, priority: int = LATER) -> None:
        """See to it that an order that was written down is worked on; if the queue is away, later."""
        await self.enqueue(job_id(row), row, priority)

    async def stop(self, meeting: str) -> bool:
        """End all work on a meeting; here, it has ended when this returns. Return whether none goes on elsewhere."""
        alone = False
        with anyio.move_on_after(START_SECONDS):
            try:
                active = [job for job in await self.known([meeting]) if job.status in ACTIVE]
                if active:
                    await DBOS.cancel_workflows_async([job.workflow_id for job in active])
                begun = [job for job in active if job.status == WorkflowStatusString.PENDING.value]
                alone = all(job.executor_id == self.executor for job in begun)
            except (foreign.DBOSException, DBAPIError) as error:
                log.warning("The queue of jobs cannot be reached to stop work on %s: %s", meeting, error)
        await self._cancel(self._at_work.get(meeting, set()))
        return alone

    async def waiting(self) -> int:
        """Return how many jobs wait for a worker, on all nodes; counted up to 1,000.

        Raises:
            DatabaseAway: the queue cannot be reached.
        """
        waits = WorkflowStatusString.ENQUEUED.value
        try:
            jobs = await DBOS.list_workflows_async(
                name=JOB, status=waits, limit=MOST_COUNTED, load_input=False, load_output=False
            )
        except (foreign.DBOSException, DBAPIError) as error:
            raise DatabaseAway("The queue of jobs cannot be reached.") from error
        return len(jobs)

    def at_work(self) -> frozenset[str]:
        """Return the meetings that are worked on here."""
        return frozenset(self._at_work)

    async def forget(self, meeting: str) -> None:
        """Delete what the queue knows of a meeting."""
        with anyio.move_on_after(START_SECONDS):
            try:
                jobs = [job.workflow_id for job in await self.known([meeting])]
                if jobs:
                    await DBOS.delete_workflows_async(jobs)
            except (foreign.DBOSException, DBAPIError) as error:
                log.warning("The queue of jobs cannot be reached to forget %s: %s", meeting, error)

    async def known(self, meetings: list[str]) -> list[WorkflowStatus]:
        """Return what the queue knows of meetings, ended or not."""
        prefixes: list[str] = [f"{meeting}." for meeting in meetings]
        found = []
        for first in range(0, len(prefixes), 100):
            found += await DBOS.list_workflows_async(
                workflow_id_prefix=[*prefixes[first : first + 100]], load_input=False, load_output=False
            )
        return found

    async def enqueue(self, id: str, row: MeetingRow, priority: int, step: StepName = STEPS[0]) -> bool:
        """Queue a job; if there is one of this id, nothing happens. Return whether there is one now."""
        order = Order.of(row)
        with anyio.move_on_after(START_SECONDS), SetWorkflowID(id), SetEnqueueOptions(priority=priority):
            try:
                await DBOS.enqueue_workflow_async(queue_of(step, order), self._job, row.id, order.run, step)
                return True
            except (foreign.DBOSException, DBAPIError) as error:
                log.warning("The queue of jobs cannot be reached; %s waits: %s", row.id, error)
        return False

    async def _run(self, meeting: str, run: int, step: StepName) -> None:
        """Work on a meeting; what ends this early, and no verdict, is made up for by the next start."""
        task = asyncio.current_task()
        assert task is not None
        if self._stopping:
            raise asyncio.CancelledError
        self._at_work[meeting].add(task)
        try:
            origin = await self.work.began(meeting, step)
            with about(meeting, origin.request), span("job", origin.traceparent, meeting=meeting):
                await self._steps(meeting, run, step)
        except Superseded as superseded:
            # Our attempt fenced the one that is needed: it gets another.
            await self.enqueue(f"{job_id(superseded.row)}.a{superseded.row.attempt}", superseded.row, SOON)
        except (foreign.DBOSException, DBAPIError):
            log.exception("The queue of jobs failed work on %s; it is ordered again.", meeting)
            raise
        except Exception as error:
            log.exception("Work on %s broke.", meeting)
            await self.work.fail(meeting, run, f"Processing broke ({type(error).__name__}: {error}). Run it again.")
            raise
        finally:
            self._at_work[meeting].discard(task)
            if not self._at_work[meeting]:
                del self._at_work[meeting]

    async def _steps(self, meeting: str, run: int, first: StepName) -> None:
        for step in STEPS[STEPS.index(first) :]:
            if step != first and step not in self._queues:
                row = await self.work.patience.until_done(lambda: self.work.records.meeting(meeting))
                await self.enqueue(f"{job_id(row)}.{step}{row.attempt}", row, SOON, step)
                return
            verdict: Verdict = await DBOS.run_step_async(
                {"name": step, "preemptible": True}, self.work.do, step, meeting, run
            )
            if verdict.outcome == "failed":
                await DBOS.run_step_async({"name": "fail"}, self.work.fail, meeting, run, verdict.why)
                break
            if verdict.outcome != "on":
                return
        if self._deliveries is not None:
            await self._deliveries.announce(meeting, run)

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
            "application_version": self._version,
            "executor_id": self.executor,
            "log_level": "ERROR",
            "enable_otlp": False,
            "conductor_key": None,
            "scheduler_polling_interval_sec": 3600.0,
            "sys_db_pool_size": POOL,
            "system_database_engine": self._engine,
        }


def job_id(row: MeetingRow) -> str:
    """Return the id of the first job of an order; later ones begin with it."""
    return f"{row.id}.{Order.of(row).run}"


def _prepare(url: str) -> None:
    """Let readers of a queue in a file not wait for its writer."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        with contextlib.closing(sqlite3.connect(address.database)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
