"""A live meeting of one key, tried by another on every door that HTTP's owners' walls do not try."""

from collections.abc import AsyncIterator

import anyio
import httpx
import pytest

from api.doors.keyring import Keyring
from storage.rows import KeyRole
from tests.api.live.talk import Talk, sound, talk
from tests.api.live.toys import toy_live_steps
from tests.api.served import Served, served

pytestmark = pytest.mark.anyio
SDP = {"Content-Type": "application/sdp"}


@pytest.fixture(scope="module")
async def s(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("walls"), live_steps_of=toy_live_steps) as started:
        yield started


async def refused(t: Talk) -> None:
    """Check that the other side says that there is no such meeting, and nothing else."""
    code, _ = await t.over()
    assert code == 4404 and [told["type"] for told in t.heard] == ["error"]
    assert t.heard[0]["code"] == "not_found"


async def test_nobody_hears_joins_or_asks_about_a_live_meeting_of_somebody_else(s: Served) -> None:
    keyring = Keyring(s.parts.records)
    roles: dict[str, KeyRole] = {"boss": "admin", "alice": "user", "bob": "user"}
    boss, alice, bob = [
        {"Authorization": f"Bearer {(await keyring.add(name, role)).text}"} for name, role in roles.items()
    ]
    with anyio.fail_after(20):
        while (await s.client.get("/api/meetings")).status_code != 401:
            pass  # a server that runs knows within a second that there are keys now
    async with talk(s.port, additional_headers=alice) as hers:
        await hers.start(title="Hers")
        await hers.socket.send(sound(1.0))
        for other in (bob, boss):
            async with talk(s.port, f"/api/meetings/{hers.meeting}/live", additional_headers=other) as his:
                await refused(his)
            async with talk(s.port, additional_headers=other) as his:
                await his.say("start", meeting=hers.meeting)
                await refused(his)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{s.port}", headers=bob) as client:
            joined = await client.post("/api/whip", params={"meeting": hers.meeting}, content="v=0\r\n", headers=SDP)
            assert joined.status_code in (400, 404), joined.text
            assert (await client.get(f"/api/meetings/{hers.meeting}/events")).status_code == 404
            told = await client.post("/api/ask", json={"question": "What was said in this meeting?"})
            assert told.status_code == 200 and told.json()["passages"] == []
        async with talk(s.port, f"/api/meetings/{hers.meeting}/live", additional_headers=alice) as second:
            assert (await second.until("snapshot"))["type"] == "snapshot"
