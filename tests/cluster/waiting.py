"""What has not come to its end, in words: which meeting, who works on it, under which number, and who lives."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import psycopg
from psycopg.rows import TupleRow

from storage.records import Records
from storage.rows import MeetingRow
from tests.cluster.cluster import DATABASE
from tests.storage.postgres_server import USER

PATIENCE_SECONDS = 10
"""A database that does not answer so soon is said not to."""
JOBS = "SELECT workflow_uuid, status, executor_id, queue_name FROM dbos.workflow_status WHERE name = 'meeting'"
BEGUN = "SELECT executor_id FROM dbos.workflow_status WHERE status = 'PENDING' AND workflow_uuid LIKE '{}.%'"
NOBODY = "no job"


class Waiting:
    """Asks the database what is still to be done, beside the servers that do it."""

    def __init__(self, records: Records, socket: str) -> None:
        """`socket` is the folder in which PostgreSQL listens."""
        self._records, self._socket = records, socket

    async def told(self, rows: Sequence[MeetingRow]) -> list[str]:
        """Return a line for each meeting that was begun, one for the others, and one for all nodes."""
        jobs = await self._jobs()
        begun = [row for row in rows if row.attempt]
        lines = [_line(row, jobs.get(row.id, [])) for row in begun]
        lines += [f"{len(rows) - len(begun)} uploads wait for their first attempt"] if len(rows) > len(begun) else []
        nodes = [f"{node.name} {node.state}, seen {node.age:.0f} s ago" for node in await self._records.nodes()]
        return [*lines, f"nodes: {'; '.join(nodes)}"]

    async def workers(self, meeting: str) -> list[str]:
        """Return the nodes that work on a meeting."""
        return [name for (name,) in await self._asked(BEGUN.format(meeting))]

    async def _jobs(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for id, status, executor, queue in await self._asked(JOBS):
            found[id.partition(".")[0]].append(f"{id} {status} in {queue or 'no queue'} at {executor}")
        return found

    async def _asked(self, query: str) -> Sequence[TupleRow]:
        async with await psycopg.AsyncConnection.connect(
            dbname=DATABASE, user=USER, host=self._socket, connect_timeout=PATIENCE_SECONDS
        ) as connection:
            return await (await connection.execute(query.encode())).fetchall()


def _line(row: MeetingRow, jobs: Sequence[str]) -> str:
    stages = ", ".join(f"{stage.name} {stage.state}" for stage in row.stages) or "no stages"
    return f"{row.id} ({row.source}) is {row.state}, attempt {row.attempt}, {stages}; {'; '.join(jobs) or NOBODY}"
