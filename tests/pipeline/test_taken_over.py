"""Work that a node had taken and never ends: whatever moment it died at, others bring it to its end, once."""

from pathlib import Path

import anyio
import pytest
from psycopg import sql

from pipeline.queues import SOON, STEPS
from pipeline.webhooks.hooks import Hooks
from pipeline.webhooks.queue import Deliveries
from storage.artifact_store import open_store
from storage.database.database import open_database
from tests.api.receiver import LOCAL, receiving
from tests.pipeline.test_jobs import Gates
from tests.pipeline.toy_server import Server, sent, server, sound_file
from tests.storage.postgres_server import PostgresServer

pytestmark = pytest.mark.anyio


def take(postgres: PostgresServer, database: str, job: str, node: str) -> None:
    """Give a job that waits to a node, which never hears of it: so it is when either of them dies right then."""
    taken = (
        "UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = {}, owner_xid = 'x' WHERE workflow_uuid = {}"
    )
    postgres.execute(sql.SQL(taken).format(sql.Literal(node), sql.Literal(job)), database)


async def ended(s: Server, id: str) -> None:
    with anyio.fail_after(60):
        await s.finished(id)
        while not (ends := [event.type for event in await s.records.events(id)].count("end")):
            await anyio.lowlevel.checkpoint()
    assert ((await s.records.meeting(id)).state, ends) == ("done", 1)


async def test_a_job_that_its_node_never_began(postgres: PostgresServer, tmp_path: Path) -> None:
    gates = Gates()
    with postgres.database() as name:
        async with server(tmp_path, steps_of=gates.steps, postgres=postgres.url(name), together=1, node="me") as s:
            s.jobs.lost.idle_seconds = 0.1
            first = await s.meetings.accept(None, sent(sound_file(2)))
            await gates.came.wait()
            second = await s.meetings.accept(None, sent(sound_file(2)))
            take(postgres, name, f"{second.id}.1", "me")
            gates.open.set()
            await ended(s, first.id)
            await ended(s, second.id)
            assert (await s.records.meeting(second.id)).attempt == len(STEPS)


async def test_what_was_begun_comes_before_what_waits(postgres: PostgresServer, tmp_path: Path) -> None:
    gates = Gates()
    with postgres.database() as name:
        async with server(tmp_path, steps_of=gates.steps, postgres=postgres.url(name), together=1, node="me") as s:
            await s.meetings.accept(None, sent(sound_file(2)))
            await gates.came.wait()
            begun = await s.meetings.accept(None, sent(sound_file(2)))
            take(postgres, name, f"{begun.id}.1", "gone")
            with anyio.fail_after(30):
                while {job.workflow_id: job.priority for job in await s.jobs.known([begun.id])}.get(
                    f"{begun.id}.1.n"
                ) != SOON:
                    await s.jobs.lost.take_over()
            gates.open.set()
            await ended(s, begun.id)


async def test_what_was_done_and_never_said_to_be(postgres: PostgresServer, tmp_path: Path) -> None:
    with postgres.database() as name:
        url, store = postgres.url(name), open_store(str(tmp_path / "artifacts"))
        async with server(tmp_path / "door", postgres=url, store=store, works=False, node="door") as s:
            row = await s.meetings.accept(None, sent(sound_file(2)))
            take(postgres, name, f"{row.id}.1", "gone")
            await s.records.change_meeting(row.id, {"state": "done"})
        async with server(tmp_path / "other", postgres=url, store=store, node="other") as s:
            await ended(s, row.id)


async def test_a_delivery_to_a_webhook(postgres: PostgresServer, tmp_path: Path) -> None:
    with postgres.database() as name, receiving() as receiver:
        url = postgres.url(name)
        records = open_database(url)
        await records.migrate()
        hooks = Hooks(records, LOCAL)
        hook = await hooks.add("me", receiver.url, meeting=None, everybody=False, events=("meeting.done",))
        told = hooks.test(hook)
        deliveries = Deliveries(hooks)
        async with server(tmp_path / "door", postgres=url, works=False, node="door", deliveries=deliveries):
            await deliveries.test(told)
            take(postgres, name, f"hook.{hook.id}.{told.event}.0", "gone")
        async with server(tmp_path / "other", postgres=url, node="other", deliveries=Deliveries(hooks)):
            with anyio.fail_after(60):
                while not receiver.came:
                    await anyio.lowlevel.checkpoint()
        assert [came.told["type"] for came in receiver.came] == ["webhook.test"]
        await records.close()
