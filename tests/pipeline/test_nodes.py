"""Nodes that die, and what becomes of their jobs."""

import sys
from pathlib import Path

import anyio
import pytest

from pipeline.jobs import SCHEMA
from pipeline.lost_jobs import TAKE_OVER_SECONDS
from pipeline.nodes import DEAD_SECONDS, Nodes
from pipeline.options import Options
from pipeline.queues import STEPS, Offers, queue_of, queues_of
from storage.artifact_store import open_store
from storage.database.database import Database, open_database
from storage.rows import NodeRow
from tests.pipeline.node_child import SECONDS
from tests.pipeline.toy_server import server
from tests.storage.postgres_server import PostgresServer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(tmp_path: Path) -> Database:
    database = open_database(f"sqlite:///{tmp_path}/parley.db")
    await database.migrate()
    return database


async def test_who_beats_lives_and_who_does_not_is_dead(database: Database) -> None:
    other = NodeRow(name="other", process="1", roles=("jobs",), queues=("recognise",), version="v1")
    async with Nodes(database, "me", beat_seconds=0.05, dead_seconds=0.6) as nodes:
        assert await nodes.alive() is None, "it has not watched for long enough to call anybody dead"
        await database.see_node(other, first=True)
        with anyio.fail_after(20):
            while (alive := await nodes.alive()) is None or "other" in alive:
                await anyio.lowlevel.checkpoint()
        assert set(alive) == {"me"}
        await database.see_node(other)
        assert set(await nodes.alive() or ()) == {"me", "other"}
    assert [row.name for row in await database.nodes()] == ["other"]
    await database.close()


async def test_a_process_that_takes_the_name_is_noticed(database: Database) -> None:
    async with Nodes(database, "me", beat_seconds=0.02) as first, Nodes(database, "me", beat_seconds=60.0):
        with anyio.fail_after(20):
            while not first.is_displaced:
                await anyio.lowlevel.checkpoint()
    await database.close()


def test_a_step_waits_where_its_engines_are() -> None:
    offers: Offers = {"asr": ("moonshine", "canary"), "diarizer": ("community",)}
    assert queues_of(("api", "engines"), offers) == ()
    assert queues_of(("jobs",), offers) == ("publish",)
    queues = queues_of(("jobs", "engines"), offers)
    assert queues == ("publish", "summarise", "recognise", "recognise-canary")
    assert queue_of("recognise", Options()) in queues
    assert queue_of("recognise", Options(asr="canary", diarizer="community")) in queues
    assert queue_of("recognise", Options(asr="canary", diarizer="pyannote")) not in queues
    assert queue_of("publish", Options(asr="canary")) == "publish"


def test_a_dead_node_is_found_out_in_time() -> None:
    assert DEAD_SECONDS + TAKE_OVER_SECONDS <= 20.0, "with the time to begin, less than 30 s"


@pytest.mark.parametrize("version", [SCHEMA, "parley-jobs-0"], ids=["same version", "older version"])
async def test_the_jobs_of_a_node_that_was_killed_are_taken_over(
    postgres: PostgresServer, tmp_path: Path, version: str
) -> None:
    with postgres.database() as name:
        url, store = postgres.url(name), open_store(str(tmp_path / "artifacts"))
        command = [sys.executable, "-m", "tests.pipeline.node_child", str(tmp_path), url, version, "2"]
        async with await anyio.open_process(command, stderr=None) as child:
            assert child.stdout is not None
            told = b""
            while told.count(b"\n") < 3:  # both are accepted, and work on one has begun
                told += await child.stdout.receive()
            child.kill()
        ids = [line.split()[1] for line in told.decode().splitlines() if line.startswith("accepted")]
        async with server(tmp_path / "other", postgres=url, store=store, node="other") as s:
            for id, begun in zip(ids, (1, 0), strict=True):
                with anyio.fail_after(90):
                    await s.finished(id)
                row = await s.records.meeting(id)
                assert (row.state, row.attempt) == ("done", begun + len(STEPS)), "each step under a number of its own"
                assert len((await s.meetings.transcript(id, None)).utterances) == SECONDS
                events = [event.type for event in await s.records.events(id)]
                assert events.count("end") == 1
