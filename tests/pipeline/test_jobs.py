"""Jobs: queued, stopped, overtaken, waiting for what is away, and taken up again after a restart."""

import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import ClassVar

import anyio
import anyio.lowlevel
import pytest

from pipeline.attempts import take_over
from pipeline.engine_pool import EnginePool
from pipeline.options import Options
from pipeline.order import Order
from pipeline.steps import Step
from stages.speech import Mark, Span, SpeakerTurn, Word
from stages.stage import Inbox, Sound, Stage, items
from storage.records import DatabaseAway, NoRecord
from tests.pipeline.away import Absent, Outage
from tests.pipeline.toy_run import keys
from tests.pipeline.toy_server import sent, server, sound_file, toy_steps
from tests.pipeline.toys import Broken, Upper

pytestmark = pytest.mark.anyio


class Gate(Stage[Word, SpeakerTurn]):
    """A turn for each word, once somebody opens the gate."""

    name: ClassVar[str] = "upper"
    consumes: ClassVar[tuple[type[Span], ...]] = (Word,)
    produces: ClassVar[tuple[type[Span], ...]] = (SpeakerTurn,)

    def __init__(self, gates: "Gates") -> None:
        self.gates = gates

    async def run(self, inbox: Inbox[Word]) -> AsyncGenerator[SpeakerTurn | Mark, None]:
        """Wait at the gate with the first word."""
        self.gates.waiting += 1
        self.gates.most = max(self.gates.most, self.gates.waiting)
        self.gates.came.set()
        try:
            await self.gates.open.wait()
        finally:
            self.gates.waiting -= 1
        async for word in items(inbox):
            if isinstance(word, Mark):
                yield word
            else:
                yield SpeakerTurn(start=word.start, end=word.end, speaker=word.text.upper())


class Gates:
    """Stages that wait, and how many of them do."""

    def __init__(self) -> None:
        self.open, self.came = anyio.Event(), anyio.Event()
        self.waiting = self.most = 0

    def steps(self, sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
        ramp, _, *others = toy_steps(sound, pool, options)
        return [ramp, Step(Gate(self)), *others]


def breaking(error: Exception, times: int) -> Callable[[Sound, EnginePool, Options], list[Step]]:
    """Return steps of which one breaks so often."""
    left = [error] * times

    def steps(sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
        ramp, _, *others = toy_steps(sound, pool, options)
        broken = {"w16000": left.pop()} if left and isinstance(sound.duration, float) and sound.live is False else {}
        return [ramp, Step(Upper(broken)), *others]

    return steps


async def test_not_more_than_so_many_work_at_once(tmp_path: Path) -> None:
    gates = Gates()
    async with server(tmp_path, steps_of=gates.steps, together=2) as s:
        rows = [await s.meetings.accept(None, sent(sound_file(2))) for _ in range(5)]
        with anyio.fail_after(20):
            while gates.waiting < 2:
                gates.came = anyio.Event()
                await gates.came.wait()
        gates.open.set()
        for row in rows:
            await s.finished(row.id)
        assert [(await s.meetings.meeting(row.id, None)).state for row in rows] == ["done"] * 5
    assert gates.most == 2


@pytest.mark.parametrize("way", ["trash", "purge"])
async def test_work_stops_when_its_meeting_goes(tmp_path: Path, way: str) -> None:
    gates = Gates()
    async with server(tmp_path, steps_of=gates.steps) as s:
        row = await s.meetings.accept(None, sent(sound_file(2)))
        await gates.came.wait()
        events = s.meetings.events(row.id, None)
        await anext(events)
        await getattr(s.meetings, way)(row.id, None)
        assert gates.waiting == 0, "it has stopped, and not only been told to"
        assert {told.type for told in [told async for told in events]} <= {"stage", "progress", "trashed"}
        if way == "purge":
            assert await keys(s.store, "") == []
            assert await anyio.Path(tmp_path / "scratch").exists()
            assert [entry async for entry in anyio.Path(tmp_path / "scratch").iterdir()] == []
            with pytest.raises(NoRecord):
                await s.meetings.meeting(row.id, None)
            return
        gates.open.set()
        await s.meetings.restore(row.id, None)
        await s.finished(row.id)
        assert (await s.meetings.meeting(row.id, None)).state == "done"


async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    gates = Gates()
    async with server(tmp_path, steps_of=gates.steps) as s:
        row = await s.meetings.accept(None, sent(sound_file(30)))
        await gates.came.wait()
    async with server(tmp_path) as s:
        await s.finished(row.id)
        done = await s.meetings.meeting(row.id, None)
        assert (done.state, done.duration) == ("done", 30.0)
        events = await s.records.events(row.id)
        assert [event.type for event in events].count("end") == 1


async def test_an_order_that_lost_its_job_gets_another(tmp_path: Path) -> None:
    async with server(tmp_path, works=False) as s:
        row = await s.meetings.accept(None, sent(sound_file(2)))
        await s.jobs.forget(row.id)
    async with server(tmp_path) as s:
        await s.finished(row.id)
        assert (await s.meetings.meeting(row.id, None)).state == "done"


async def test_who_was_overtaken_writes_nothing_and_says_nothing(tmp_path: Path) -> None:
    gates = Gates()
    async with server(tmp_path, steps_of=gates.steps) as s:
        row = await s.meetings.accept(None, sent(sound_file(2)))
        await gates.came.wait()
        number = await s.records.next_attempt(row.id)
        await take_over(s.store, row.id, number)
        gates.open.set()
        with anyio.fail_after(20):
            while s.jobs.at_work():
                await anyio.lowlevel.checkpoint()
        seen = await s.meetings.meeting(row.id, None)
        assert (seen.state, seen.attempt) == ("processing", number)
        assert (await s.meetings.transcript(row.id, None)).utterances == ()
        await s.jobs.lost.reconcile()
        await s.finished(row.id)
        assert (await s.meetings.meeting(row.id, None)).state == "done"


async def test_a_new_order_stops_the_work_on_the_old_one(tmp_path: Path) -> None:
    gates = Gates()
    async with server(tmp_path, steps_of=gates.steps) as s:
        row = await s.meetings.accept(None, sent(sound_file(2)))
        await gates.came.wait()
        await s.meetings.run_again(row.id, None, "ramp", Options(template="minutes"))
        gates.open.set()
        events = await s.finished(row.id)
        assert [event.type for event in events].count("end") == 1
        done = await s.meetings.meeting(row.id, None)
        assert (done.state, Order.of(done).run, Order.of(done).template) == ("done", 2, "minutes")


async def test_a_store_that_is_away_costs_no_meeting(tmp_path: Path) -> None:
    store, gates = Outage(str(tmp_path / "artifacts")), Gates()
    async with server(tmp_path, store=store, steps_of=gates.steps) as s:
        row = await s.meetings.accept(None, sent(sound_file(20)))
        await gates.came.wait()
        store.away = True
        gates.open.set()
        with anyio.fail_after(20):
            while store.refused < 5:
                await anyio.lowlevel.checkpoint()
        store.away = False
        await s.finished(row.id)
        assert (await s.meetings.meeting(row.id, None)).state == "done"
        assert len((await s.meetings.transcript(row.id, None)).utterances) == 20


async def test_a_database_that_is_away_costs_no_meeting(tmp_path: Path) -> None:
    gates = Gates()
    async with server(tmp_path, steps_of=gates.steps) as s:
        absent = Absent(s.records)
        s.jobs.work.records = absent
        row = await s.meetings.accept(None, sent(sound_file(20)))
        await gates.came.wait()
        absent.away = True
        gates.open.set()
        with anyio.fail_after(20):
            while absent.refused < 5:
                await anyio.lowlevel.checkpoint()
        with pytest.raises(DatabaseAway):
            await absent.check()
        absent.away = False
        await s.finished(row.id)
        assert (await s.meetings.meeting(row.id, None)).state == "done"
        assert len((await s.meetings.transcript(row.id, None)).utterances) == 20


async def test_an_engine_that_gives_up_costs_its_stage_only(tmp_path: Path) -> None:
    async with server(tmp_path, steps_of=breaking(Broken("No voice is known."), 20)) as s:
        row = await s.meetings.accept(None, sent(sound_file(4)))
        await s.finished(row.id)
        done = await s.meetings.meeting(row.id, None)
        assert done.state == "done"
        assert {stage.name: (stage.state, stage.error) for stage in done.stages}["upper"] == (
            "failed",
            "No voice is known.",
        )
        made = await s.meetings.transcript(row.id, None)
        assert [gap.reason for gap in made.gaps] == ["No voice is known."]
        assert len(made.utterances) == 4


async def test_a_stage_that_breaks_once_is_tried_again(tmp_path: Path) -> None:
    async with server(tmp_path, steps_of=breaking(RuntimeError("odd"), 2)) as s:
        row = await s.meetings.accept(None, sent(sound_file(4)))
        await s.finished(row.id)
        assert (await s.meetings.meeting(row.id, None)).state == "done"


async def test_a_stage_that_always_breaks_fails_the_meeting(tmp_path: Path) -> None:
    async with server(tmp_path, steps_of=breaking(RuntimeError("odd"), 20)) as s:
        row = await s.meetings.accept(None, sent(sound_file(4)))
        events = await s.finished(row.id)
        done = await s.meetings.meeting(row.id, None)
        assert (done.state, done.error) == ("failed", "The stage 'upper' failed: RuntimeError: odd")
        assert {stage.name: stage.state for stage in done.stages}["ramp"] != "running"
        assert [event.type for event in events][-2:] == ["error", "end"]


async def test_an_original_that_was_changed_is_not_worked_on(tmp_path: Path) -> None:
    async with server(tmp_path, works=False) as s:
        row = await s.meetings.accept(None, sent(sound_file(2)))
        await s.store.put(row.original or "", sound_file(3))
    async with server(tmp_path) as s:
        await s.finished(row.id)
        assert "was changed in the store" in ((await s.meetings.meeting(row.id, None)).error or "")


async def test_what_broke_off_while_it_told_of_a_failure_tells_the_end(tmp_path: Path) -> None:
    async with server(tmp_path, works=False) as s:
        row = await s.meetings.accept(None, sent(sound_file(1)))
        await s.records.change_meeting(row.id, {"state": "failed", "error": "It broke."})
        for _ in range(2):
            await s.jobs.work.fail(row.id, 1, "It broke.")
        assert [event.type for event in await s.finished(row.id)] == ["end"]


async def test_twenty_uploads_at_once_are_all_accepted(tmp_path: Path) -> None:
    async with server(tmp_path, works=False) as s:
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(s.meetings.accept, "ann", sent(sound_file(30)))
        rows = (await s.meetings.list("ann")).items
        assert len({row.id for row in rows}) == 20
        assert {row.state for row in rows} == {"processing"}
        assert await keys(s.store, "unowned") == []


def test_the_queue_says_nothing_and_calls_nobody(tmp_path: Path) -> None:
    code = (
        "import runpy, sys\n"
        "def hook(event, told):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'): print('called', told, flush=True)\n"
        "sys.addaudithook(hook)\n"
        "runpy.run_module('tests.pipeline.toy_child', run_name='__main__')\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path), str(tmp_path / "artifacts"), "1"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    said = [line.split()[0] for line in ran.stdout.splitlines()]
    assert said[-1] == "finished"
    assert set(said) == {"put", "write", "written", "accepted", "finished"}, "what the child itself says"
    assert ran.stderr == ""
