"""A server that dies in the middle of a meeting: what was acknowledged is there, and the meeting comes to its end."""

import signal
import sys
from pathlib import Path

import pytest

from api.listen import free_place
from storage.artifact_store import open_store
from storage.database.database import open_database
from tests.api.live.killing import hold_meeting
from tests.api.live.talk import sound, talk
from tests.api.live.toys import toy_live_steps
from tests.api.served import served

pytestmark = pytest.mark.anyio


async def test_every_sample_is_there_in_the_end(tmp_path: Path) -> None:
    _, port = free_place("127.0.0.1", 0)
    data = sound(15, seed=9)
    command = (sys.executable, "-m", "tests.api.live.child", str(tmp_path), str(port))
    survived = await hold_meeting(command, port, data, [signal.SIGKILL, signal.SIGTERM], seed=9, speed=5)
    store, records = open_store(str(tmp_path / "artifacts")), open_database(f"sqlite:///{tmp_path / 'parley.db'}")
    row = await records.meeting(survived.meeting)
    await records.close()
    assert (row.state, row.error, row.duration) == ("done", None, 15.0)
    assert (await store.get(row.original or ""))[44:] == data, "byte for byte"
    assert [stat async for stat in store.list(f"meetings/{row.id}/journal")] == []
    numbers = [told["seq"] for told in survived.events if "seq" in told]
    assert numbers == sorted(set(numbers)), "no event comes twice"
    said = [told["utterance"]["text"] for told in survived.events if told["type"] == "utterance"]
    assert {f"second-{second}" for second in range(15)} <= set(said)


async def test_a_server_that_stops_says_so_once_it_has_stored_what_came(tmp_path: Path) -> None:
    async with served(tmp_path, live_steps_of=toy_live_steps) as s:
        async with talk(s.port) as t:
            await t.start()
            await t.socket.send(sound(2))
            await t.until("utterance")
            async with talk(s.port, f"/api/meetings/{t.meeting}/live") as v:
                await v.until("snapshot")
                await s.parts.closing.said()
                assert [(await each.over())[0] for each in (t, v)] == [1012, 1012]
        assert [told["code"] for told in t.told("error")] == ["restart"]
        assert t.told("ack")[-1]["samples"] == 32_000
