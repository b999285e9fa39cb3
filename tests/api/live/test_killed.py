"""A server that dies in the middle of a meeting: what was acknowledged is there, and the meeting comes to its end."""

import signal
import sys
from pathlib import Path

import pytest

from api.listen import free_place
from storage.artifact_store import open_store
from storage.database.database import open_database
from tests.api.live.killing import hold_meeting
from tests.api.live.talk import sound

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_every_sample_is_there_in_the_end(how: int, tmp_path: Path) -> None:
    _, port = free_place("127.0.0.1", 0)
    data = sound(20, seed=how)
    command = (sys.executable, "-m", "tests.api.live.child", str(tmp_path), str(port))
    survived = await hold_meeting(command, port, data, kills=2, seed=how, speed=4, how=how)
    store, records = open_store(str(tmp_path / "artifacts")), open_database(f"sqlite:///{tmp_path / 'parley.db'}")
    row = await records.meeting(survived.meeting)
    await records.close()
    assert (row.state, row.error, row.duration) == ("done", None, 20.0)
    assert (await store.get(row.original or ""))[44:] == data, "byte for byte"
    assert [stat async for stat in store.list(f"meetings/{row.id}/journal")] == []
    numbers = [told["seq"] for told in survived.events if "seq" in told]
    assert numbers == sorted(set(numbers)), "no event comes twice"
    said = [told["utterance"]["text"] for told in survived.events if told["type"] == "utterance"]
    assert {f"second-{second}" for second in range(20)} <= set(said)
    if how == signal.SIGTERM:
        assert any(told.get("code") == "restart" for told in survived.events), "it said good-bye"
