"""What every database does: keys, sign-ins, share links, documents."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.database.database import Database
from storage.records import NoRecord, Taken
from storage.rows import SessionRow
from tests.storage.record_rows import NOON, a_key, a_meeting, a_share

pytestmark = pytest.mark.anyio


async def test_keys(records: Database) -> None:
    await records.add_key(a_key("k2", minutes=1))
    await records.add_key(a_key())
    with pytest.raises(Taken):
        await records.add_key(a_key())
    assert await records.keys() == [a_key(), a_key("k2", minutes=1)]
    await records.change_key("k1", {"revoked_at": NOON, "limits": {"budget": 1.5}})
    assert ((await records.key("k1")).revoked_at, (await records.key("k1")).limits) == (NOON, {"budget": 1.5})
    with pytest.raises(NoRecord):
        await records.key("k3")
    with pytest.raises(NoRecord):
        await records.change_key("k3", {"name": "x"})
    with pytest.raises(ValueError, match="role"):
        await records.change_key("k1", {"role": "admin"})


async def test_sessions_end(records: Database) -> None:
    await records.add_key(a_key())
    later, earlier = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) - timedelta(seconds=1)
    for hash, expires_at in ((b"\x01", later), (b"\x02", earlier), (b"\x03", later)):
        await records.add_session(SessionRow(hash=hash, key="k1", expires_at=expires_at))
    await records.end_session(b"\x03")
    assert await records.session(b"\x01") == SessionRow(hash=b"\x01", key="k1", expires_at=later)
    for hash in (b"\x02", b"\x03", b""):
        with pytest.raises(NoRecord):
            await records.session(hash)
    with pytest.raises(NoRecord):
        await records.add_session(SessionRow(hash=b"\x04", key="k2", expires_at=later))


async def test_share_links_end(records: Database) -> None:
    await records.add_meeting(a_meeting())
    later, earlier = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) - timedelta(seconds=1)
    for id, expires_at in (("s1", None), ("s2", later), ("s3", earlier), ("s4", None)):
        await records.add_share(a_share(id, expires_at=expires_at))
    await records.end_share("s4")
    assert await records.share("s1") == a_share("s1")
    assert await records.share("s2") == a_share("s2", expires_at=later)
    for id in ("s3", "s4"):
        with pytest.raises(NoRecord):
            await records.share(id)
    assert [share.id for share in await records.shares("m1")] == ["s1", "s2", "s3"]
    with pytest.raises(Taken):
        await records.add_share(a_share("s1"))
    with pytest.raises(NoRecord):
        await records.add_share(a_share("s5", meeting="m2"))


async def test_documents(records: Database) -> None:
    await records.set_setting("template", "b", b'{"old":1}')
    await records.set_setting("template", "b", b'{"new":1}')
    await records.set_setting("template", "a", b"{}")
    await records.set_setting("webhook", "a", b"[]")
    assert await records.settings("template") == {"a": b"{}", "b": b'{"new":1}'}
    await records.set_setting("template", "a", None)
    await records.set_setting("template", "a", None)
    with pytest.raises(NoRecord):
        await records.setting("template", "a")
    assert await records.setting("webhook", "a") == b"[]"
