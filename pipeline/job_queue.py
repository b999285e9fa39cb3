"""What is worked on and what waits for it, for those who look after the server."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from pipeline.jobs import Jobs
from pipeline.meetings import NotNow
from pipeline.order import Order
from storage.rows import MeetingRow

CANCELLED = "An administrator cancelled the processing. Run it again when it is wanted."


class Job(msgspec.Struct, frozen=True):
    """An order that has not come to its end."""

    row: MeetingRow
    """Of which meeting."""
    state: Literal["live", "running", "waiting"]
    """`live`: people speak; its work begins when they are done."""
    here: bool
    """Whether this server works on it."""


class JobQueue:
    """All orders of everybody."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    async def jobs(self) -> Sequence[Job]:
        """Return them, what runs first, then by age."""
        here = self._jobs.at_work()
        rows = [row for row in await self._jobs.work.records.unfinished() if row.deleted_at is None]
        found = [Job(row, _state(row, row.id in here), row.id in here) for row in rows]
        return sorted(found, key=lambda job: (("running", "waiting", "live").index(job.state), job.row.created_at))

    async def cancel(self, meeting: str) -> MeetingRow:
        """End the work on a meeting; what was made stays, and it can be run again.

        Raises:
            NoRecord: there is no such meeting.
            NotNow: it is not worked on.
        """
        records = self._jobs.work.records
        row = await records.meeting(meeting)
        if row.state == "live":
            raise NotNow("The meeting is live: end it instead.")
        if row.state != "processing":
            raise NotNow("Nothing is under way for this meeting.")
        await self._jobs.stop(meeting)
        await self._jobs.work.fail(meeting, Order.of(row).run, CANCELLED)
        return await records.meeting(meeting)


def _state(row: MeetingRow, is_here: bool) -> Literal["live", "running", "waiting"]:
    if row.state == "live":
        return "live"
    is_running = is_here or any(stage.state == "running" for stage in row.stages)
    return "running" if is_running else "waiting"
