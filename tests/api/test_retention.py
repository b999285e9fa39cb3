"""How long meetings are kept: by the server's rule, and by what their owners say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.keeping import Keeping
from tests.api.doors.house import is_problem
from tests.api.served import Served, served

pytestmark = pytest.mark.anyio


def days_from_now(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def keep(s: Served, id: str, until: str | None) -> dict[str, str | None]:
    answer = await s.client.patch(f"/api/meetings/{id}", json={"expires_at": until})
    assert answer.status_code == 200, answer.text
    found: dict[str, str | None] = answer.json()
    return found


async def test_an_owner_says_how_long_a_meeting_is_kept(tmp_path: Path) -> None:
    async with served(tmp_path) as s:
        meeting, other = await s.upload(), await s.upload()
        assert meeting["expires_at"] is None
        assert (await keep(s, meeting["id"], days_from_now(3)))["expires_at"] is not None
        renamed = await s.client.patch(f"/api/meetings/{meeting['id']}", json={"title": "Kept"})
        assert renamed.json()["expires_at"] is not None, "what is left out stays"
        assert (await keep(s, meeting["id"], None))["expires_at"] is None
        for never in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"):
            for method, address in (("PATCH", ""), ("POST", "/share")):
                where = f"/api/meetings/{meeting['id']}{address}"
                refused = await s.client.request(method, where, json={"expires_at": never})
                assert refused.status_code == 400 and "`expires_at`" in refused.json()["detail"], refused.text
        past = {"expires_at": days_from_now(-1)}
        assert is_problem(await s.client.patch(f"/api/meetings/{meeting['id']}", json=past), 400)
        await keep(s, meeting["id"], days_from_now(3))
        await s.parts.records.change_meeting(meeting["id"], {"expires_at": datetime.now(UTC)})  # three days pass
        assert await s.parts.meetings.sweep() == 1
        assert is_problem(await s.client.get(f"/api/meetings/{meeting['id']}"), 404)
        assert (await s.client.get(f"/api/meetings/{other['id']}")).status_code == 200


async def test_nobody_keeps_a_meeting_longer_than_the_server_does(tmp_path: Path) -> None:
    async with served(tmp_path, keeping=Keeping(retention_days=7)) as s:
        meeting = await s.upload()
        kept = datetime.fromisoformat(str(meeting["expires_at"])) - datetime.fromisoformat(str(meeting["created_at"]))
        assert abs(kept - timedelta(days=7)) < timedelta(minutes=5)
        assert (await keep(s, meeting["id"], days_from_now(2)))["expires_at"] is not None
        for wish in (None, days_from_now(8)):
            answer = await s.client.patch(f"/api/meetings/{meeting['id']}", json={"expires_at": wish})
            assert is_problem(answer, 400)
            assert "7 days" in answer.json()["detail"]
