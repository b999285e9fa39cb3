"""The same jobs with records and queue in PostgreSQL, which may be killed under them."""

from pathlib import Path

import anyio
import pytest

from tests.pipeline.test_jobs import Gates
from tests.pipeline.toy_server import sent, server, sound_file
from tests.storage.postgres_server import PostgresServer

pytestmark = pytest.mark.anyio


async def test_jobs_survive_the_end_of_their_database(postgres: PostgresServer, tmp_path: Path) -> None:
    gates = Gates()
    with postgres.database() as name:
        async with server(tmp_path, steps_of=gates.steps, postgres=postgres.url(name)) as s:
            row = await s.meetings.accept(None, sent(sound_file(20)))
            await gates.came.wait()
            await anyio.to_thread.run_sync(postgres.kill)
            gates.open.set()
            await anyio.to_thread.run_sync(postgres.start)
            await s.finished(row.id)
            assert (await s.meetings.meeting(row.id, None)).state == "done"
            assert len((await s.meetings.transcript(row.id, None)).utterances) == 20
            events = await s.records.events(row.id)
            assert [event.type for event in events].count("end") == 1
