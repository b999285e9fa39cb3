"""Events -> deliveries in the durable queue: each event once to each webhook, tried again after every restart."""

import logging

import msgspec
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID
from dbos import error as foreign
from sqlalchemy.exc import DBAPIError

from pipeline.webhooks.hooks import Hooks, Told

QUEUE = "webhooks"
TOGETHER = 16
"""Deliveries of this node at once."""
POLL_SECONDS = 0.5

log = logging.getLogger(__name__)


class Deliveries:
    """Belongs to `Jobs`, which declares it before the queue starts and opens it after."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    def declare(self) -> None:
        """Make the workflow known."""

        @DBOS.workflow(name="webhook")
        async def deliver(told: str, number: int) -> None:
            pause: float | None = await DBOS.run_step_async({"name": "send"}, self._try, told, number)
            if pause is not None:
                await self._enqueue(msgspec.json.decode(told, type=Told), number + 1, pause)

        self._deliver = deliver

    async def open(self) -> None:
        """Open the queue."""
        await DBOS.register_queue_async(
            QUEUE, worker_concurrency=TOGETHER, polling_interval_sec=POLL_SECONDS, on_conflict="always_update"
        )

    async def announce(self, meeting: str, run: int) -> None:
        """Within a job: see to it that everybody is told that a run is over."""
        for told in await DBOS.run_step_async({"name": "announce"}, self._told, meeting, run):
            await self._enqueue(msgspec.json.decode(told, type=Told), 0, None)

    async def test(self, told: Told) -> None:
        """Send a test."""
        await self._enqueue(told, 0, None)

    async def _told(self, meeting: str, run: int) -> list[str]:
        return [msgspec.json.encode(told).decode() for told in await self._hooks.told(meeting, run)]

    async def _try(self, told: str, number: int) -> float | None:
        return await self._hooks.attempt(msgspec.json.decode(told, type=Told), number)

    async def _enqueue(self, told: Told, number: int, pause: float | None) -> None:
        # The same event to the same webhook has the same id: the queue takes it once.
        id = f"hook.{told.hook}.{told.event}.{number}"
        with SetWorkflowID(id), SetEnqueueOptions(delay_seconds=pause):
            try:
                await DBOS.enqueue_workflow_async(QUEUE, self._deliver, msgspec.json.encode(told).decode(), number)
            except (foreign.DBOSException, DBAPIError) as error:
                log.warning("The queue cannot be reached; %s is not told %s: %s", told.hook, told.event, error)
