"""Live meetings that nobody comes back to, that another node has, that break: how each goes on, or ends."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from pipeline.live.known import known
from pipeline.live.limits import LiveLimits, NotHere, NotLive, TooManyStreams
from pipeline.live.registry import LiveMeetings
from pipeline.live.session import LiveSession
from pipeline.live.track import TakenOver
from pipeline.options import Options
from stages.resample_pcm import RawFormat
from storage.records import DatabaseAway, NoRecord, Records
from storage.store import Stat, Store
from tests.api.live.talk import sound
from tests.api.live.toys import toy_live_steps
from tests.pipeline.live.house import House, done, house

pytestmark = pytest.mark.anyio

QUICK = LiveLimits(abandoned_seconds=0.2, empty_seconds=0.2)


async def begun(at: House, data: bytes) -> LiveSession:
    """Begin a meeting, send something, and leave."""
    session = await at.live.begin(None, "websocket", "", Options())
    async with at.live.sending(session):
        track = await session.join("0", RawFormat(), None)
        await track.take(None, data)
    return session


async def test_a_meeting_that_nobody_comes_back_to_ends_itself_and_is_processed(tmp_path: Path) -> None:
    data = sound(1)
    async with house(tmp_path, QUICK, toys=True) as at:
        session = await begun(at, data)
        await session.ended.wait()
        await done(at.records, session.row.id)
        row = await at.records.meeting(session.row.id)
        assert (row.state, (await at.store.get(row.original or ""))[44:]) == ("done", data)
        with pytest.raises(NotLive):
            await at.live.find(row.id, None)


async def test_a_meeting_in_which_nothing_was_heard_leaves_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, QUICK, toys=True) as at:
        session = await begun(at, b"")
        await session.ended.wait()
        with pytest.raises(NoRecord):
            await at.records.meeting(session.row.id)
        assert [key async for key in at.store.list(f"meetings/{session.row.id}")] == []


async def test_there_is_room_for_so_many_and_no_more(tmp_path: Path) -> None:
    async with house(tmp_path, LiveLimits(meetings=3, meetings_per_owner=2, tracks=2, waiting=1), toys=True) as at:
        first = await at.live.begin("ada", "websocket", "", Options())
        await at.live.begin("ada", "websocket", "", Options())
        with pytest.raises(TooManyStreams, match=r"^2 live"):
            await at.live.begin("ada", "websocket", "", Options())
        await at.live.begin("bob", "websocket", "", Options())
        with pytest.raises(TooManyStreams, match=r"^3 live"):
            await at.live.begin("cyd", "websocket", "", Options())
        with pytest.raises(NoRecord):
            await at.live.find(first.row.id, "bob")
        async with at.live.sending(first):
            await first.join("a", RawFormat(), None)
            await first.join("b", RawFormat(), None)
            with pytest.raises(TooManyStreams):
                await first.join("c", RawFormat(), None)
            with pytest.raises(ValueError, match="cannot name"):
                await first.join("../c", RawFormat(), None)
        with at.live.places.waiting(), pytest.raises(TooManyStreams), at.live.places.waiting():
            pass


async def test_a_meeting_whose_client_went_to_another_node_is_heard_there_alone(tmp_path: Path) -> None:
    data = sound(3)
    async with house(tmp_path, toys=True) as at:
        folder = tmp_path / "other node"
        other = LiveMeetings(at.store, at.records, at.pool, at.jobs, folder, steps_of=toy_live_steps)
        async with other:
            here = await at.live.begin(None, "websocket", "", Options())
            async with at.live.sending(here):
                track = await here.join("0", RawFormat(), None)
                await track.take(None, data[:32_000])
                await track.journal.flush()
                there = await other.find(here.row.id, None)
                await here.ended.wait()
                with pytest.raises(NotHere):
                    await track.take(None, data[32_000:])
            assert at.live.sessions() == ()
            async with other.sending(there):
                again = await there.join("0", RawFormat(), None)
                assert again.durable == 16_000
                await again.take(None, data[32_000:])
            await other.end(there)
        await done(at.records, here.row.id)
        row = await at.records.meeting(here.row.id)
        assert (row.state, (await at.store.get(row.original or ""))[44:]) == ("done", data)


async def test_who_leaves_a_meeting_that_was_lost_takes_nobody_from_one_that_came_back(tmp_path: Path) -> None:
    async with house(tmp_path, QUICK, toys=True) as at:
        other = LiveMeetings(at.store, at.records, at.pool, at.jobs, tmp_path / "other", steps_of=toy_live_steps)
        async with other:
            lost = await at.live.begin(None, "websocket", "", Options())
            async with at.live.sending(lost):
                await (await lost.join("0", RawFormat(), None)).take(None, sound(1))
                await lost.flush()
                there = await other.find(lost.row.id, None)
                await lost.ended.wait()
                back = await at.live.find(lost.row.id, None)
                await there.ended.wait()
                stays = at.live.sending(back)
                await stays.__aenter__()
            with anyio.move_on_after(5 * QUICK.abandoned_seconds):
                await back.ended.wait()
            assert not back.is_stopping, "somebody sends to it"
            await stays.__aexit__(None, None, None)
            await back.ended.wait()


async def test_the_meetings_of_a_node_that_is_gone_are_taken_up_and_those_of_others_left(tmp_path: Path) -> None:
    async with house(tmp_path, toys=True) as at:
        mine = await begun(at, sound(1))
        other = LiveMeetings(at.store, at.records, at.pool, at.jobs, tmp_path / "other", steps_of=toy_live_steps)
        async with other:
            theirs = await other.begin(None, "websocket", "", Options())
            await theirs.ready.wait()
            await at.live._adopt(theirs.row)
            assert at.live.sessions() == (mine,)
        await at.live._adopt(theirs.row)
        assert [session.row.id for session in at.live.sessions()] == [mine.row.id, theirs.row.id]


async def test_two_who_send_one_track_do_not_mix(tmp_path: Path) -> None:
    async with house(tmp_path, toys=True) as at:
        session = await at.live.begin(None, "websocket", "", Options())
        async with at.live.sending(session):
            track = await session.join("0", RawFormat(), "first")
            await track.take("first", b"\1\0\2")
            left = track.taken_over
            await session.join("0", RawFormat(), "second")
            assert left.is_set()
            with pytest.raises(TakenOver):
                await track.take("first", b"\0")
            await track.forward("second", 0, b"\1\0\3\0")
            assert track.journal.end == 4, "half a sample of the first is not joined with one of the second"


class BrokenOnce:
    """A store that fails, in a way nobody expects, when journals are looked for the first time."""

    def __init__(self, store: Store) -> None:
        self.store, self.is_broken = store, False

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    async def list(self, prefix: str = "") -> AsyncIterator[Stat]:
        """Yield what lies below a prefix."""
        if prefix.endswith("/journal") and not self.is_broken:
            self.is_broken = True
            raise RuntimeError("unheard of")
        async for stat in self.store.list(prefix):
            yield stat


async def test_a_hearing_that_breaks_is_taken_up_from_its_journals(tmp_path: Path) -> None:
    data = sound(2)
    async with house(tmp_path, toys=True, wrap=BrokenOnce) as at:  # type: ignore[arg-type]
        broken = await at.live.begin(None, "websocket", "", Options())
        await broken.ended.wait()
        session = await at.live.find(broken.row.id, None)
        assert session is not broken
        async with at.live.sending(session):
            track = await session.join("0", RawFormat(), None)
            await track.take(None, data)
        await at.live.end(session)
        await done(at.records, session.row.id)
        assert (await at.records.meeting(session.row.id)).state == "done"


class Forgetful:
    """A database that takes no events while it is away."""

    def __init__(self, records: Records) -> None:
        self.records, self.is_away = records, False

    def __getattr__(self, name: str) -> object:
        return getattr(self.records, name)

    async def add_events(
        self, meeting: str, events: Sequence[tuple[str, bytes]], attempt: int | None = None
    ) -> list[int]:
        """Number events."""
        if self.is_away:
            raise DatabaseAway("The database does not answer.")
        return await self.records.add_events(meeting, events, attempt)


async def test_while_the_database_is_away_sound_is_stored_and_captions_wait(tmp_path: Path) -> None:
    async with house(tmp_path, toys=True) as at:
        records: Any = Forgetful(at.records)
        live = LiveMeetings(at.store, records, at.pool, at.jobs, tmp_path / "other", steps_of=toy_live_steps)
        async with live, asyncio.timeout(20):
            session = await live.begin(None, "websocket", "", Options())
            async with live.sending(session), at.records.follow(session.row.id) as news:
                track = await session.join("0", RawFormat(), None)
                records.is_away = True
                await track.take(None, sound(3))
                await track.journal.flush()
                assert track.durable == 48_000
                assert (await known(at.records, session.row.id)).number == 0
                records.is_away = False
                while len((await known(at.records, session.row.id)).lines) < 3:
                    await anext(news)
            await live.end(session)
        await done(at.records, session.row.id)


async def test_viewers_are_told_of_each_utterance_once_across_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path, toys=True) as at:
        session = await begun(at, sound(3))
        async with at.records.follow(session.row.id) as news:
            while (before := await known(at.records, session.row.id)).number < 3:
                await anext(news)
    async with house(tmp_path, toys=True) as at:
        session = await at.live.find(session.row.id, None)
        async with at.live.sending(session):
            track = await session.join("0", RawFormat(), None)
            await track.take(None, sound(1))
        await at.live.end(session)
        events = await at.records.events(session.row.id)
        told = [event.data for event in events if event.type == "utterance"]
        assert len(told) >= 4 and len(set(told[:4])) == 4
        assert before.number == 3
