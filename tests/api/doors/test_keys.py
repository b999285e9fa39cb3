"""With keys: who shows a right one comes in as far as its role reaches."""

import hashlib
import hmac
import sys
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import anyio
import pytest

from api.doors.callers import Callers
from api.doors.knock import PROTOCOL, Credential
from tests.api.doors.house import AWAY, House, connect, house, is_problem

pytestmark = pytest.mark.anyio


async def test_nothing_is_told_to_whoever_has_no_key(open_house: House) -> None:
    id = await open_house.meeting("local")
    await open_house.key("root", "admin")
    async with open_house.client(AWAY, "http://parley.lan") as client:
        for path in ("/api/meetings", f"/api/meetings/{id}", "/api/keys", "/api/nothing", "/v1/models", "/nothing"):
            answer = await client.get(path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        assert is_problem(await client.get("/api/meetings"), 401)
        assert is_problem(await client.put("/api/meetings"), 401)  # no such method: nobody learns that
        assert is_problem(await client.get("/api/keys/%2e%2e/admin/status"), 401)
        assert (await client.get("/health")).status_code == 200


async def test_v1_refuses_in_the_shape_of_its_clients(open_house: House) -> None:
    await open_house.key("root", "admin")
    async with open_house.client(AWAY) as client:
        for shown in ({}, {"Authorization": "Bearer pk_wrong"}):
            answer = await client.get("/v1/models", headers=shown)
            assert answer.status_code == 401
            if shown:
                assert answer.json()["error"]["code"] == "invalid_api_key"
                assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
async def test_a_key_comes_in_by_header(open_house: House, header: str) -> None:
    made = await open_house.key("alice")
    shown = f"Bearer {made.text}" if header == "Authorization" else made.text
    async with open_house.client(AWAY, headers={header: shown}) as client:
        me = (await client.get("/api/me")).json()
        assert (me["name"], me["role"], me["owner"], me["key"]) == ("alice", "user", "alice", made.row.id)
        # A program may send any origin: what it shows is its own, no browser added it.
        assert (await client.get("/api/me", headers={"Origin": "https://app.example"})).status_code == 200


async def test_wrong_keys_open_nothing(open_house: House) -> None:
    made = await open_house.key("alice")
    for shown in [
        "Bearer ",
        "Bearer nonsense",
        "Bearer pk__",
        "Bearer pk_{id}",
        "Bearer pk_{id}_",
        "Bearer pk_{id}_" + "0" * 64,
        "Bearer pk_000000000000_{secret}",
        "Bearer pk_{id}_{secret}0",
        "Bearer pk_' OR 1=1 --_{secret}",
        "Bearer pk_../../{id}_{secret}",
        "Bearer " + "x" * 100_000,
        "Bearer pk_{id}_\xff\xfe",
    ]:
        secret = made.text.rsplit("_", 1)[1]
        said = shown.format(id=made.row.id, secret=secret).encode("latin-1")
        async with open_house.client(AWAY) as client:
            answer = await client.get("/api/me", headers={b"Authorization": said})
            assert is_problem(answer, 401)
            assert 'error="invalid_token"' in answer.headers["www-authenticate"]
            assert secret not in answer.text


async def test_a_wrong_key_is_not_saved_by_a_right_cookie(open_house: House) -> None:
    made = await open_house.key("alice")
    async with open_house.client(AWAY) as client:
        await client.post("/api/sign-in", json={"key": made.text})
        assert is_problem(await client.get("/api/me", headers={"Authorization": "Bearer pk_0_0"}), 401)


async def test_a_key_in_an_address_is_refused_and_seen_by_nobody(open_house: House) -> None:
    made = await open_house.key("alice")
    async with open_house.client(AWAY) as client:
        assert is_problem(await client.get("/api/me", params={"api_key": made.text}), 401)
    async with open_house.bearer(made) as client:
        seen = await client.get("/api/seen", params={"a": "1", "api_key": made.text, "b": "2"})
        assert seen.json()["query"] == "a=1&b=2"
        assert made.text not in seen.text


async def test_a_browser_shows_its_key_to_realtime(open_house: House) -> None:
    made = await open_house.key("alice")
    foreign = {"origin": "https://app.example"}
    by_query = await connect(
        open_house.app, "/v1/realtime", foreign, query=f"intent=x&api_key={made.text}", client=AWAY
    )
    assert by_query.texts[0] == {"owner": "alice", "query": "intent=x"}
    protocols = ["realtime", PROTOCOL + made.text]
    by_protocol = await connect(open_house.app, "/v1/realtime", foreign, protocols=protocols, client=AWAY)
    assert by_protocol.texts[0]["owner"] == "alice"
    assert by_protocol.sent[0]["subprotocol"] == "realtime"
    for query in (f"api_key={made.text}", ""):
        assert (await connect(open_house.app, "/api/live", query=query, client=AWAY)).close_code == 4401


async def test_roles_reach_so_far(open_house: House) -> None:
    keys = {role: await open_house.key(role, role) for role in ("admin", "user", "read")}
    reached = {}
    for role, made in keys.items():
        async with open_house.bearer(made) as client:
            answers = [
                await client.get("/api/meetings"),
                await client.post("/api/typed", json={"count": 1}),
                await client.get("/api/admin/status"),
                await client.get("/api/keys"),
            ]
            reached[role] = [answer.status_code for answer in answers]
            assert all(is_problem(answer, 403) for answer in answers if answer.status_code == 403)
    assert reached == {"admin": [200, 200, 200, 200], "user": [200, 200, 403, 403], "read": [200, 403, 403, 403]}
    assert (await connect(open_house.app, headers={"x-api-key": keys["read"].text}, client=AWAY)).close_code == 4403
    assert (await connect(open_house.app, headers={"x-api-key": keys["user"].text}, client=AWAY)).is_accepted


async def test_an_admin_makes_lists_and_revokes(open_house: House) -> None:
    root = await open_house.key("root", "admin")
    async with open_house.bearer(root) as client:
        wish = {"name": "bob", "role": "user", "limits": {"requests_per_minute": 5}}
        made = (await client.post("/api/keys", json=wish)).json()
        assert made["key"].startswith(f"pk_{made['id']}_") and made["owner"] == "bob"
        listed = await client.get("/api/keys")
        assert {each["name"] for each in listed.json()["items"]} == {"root", "bob"}
        assert made["key"].rsplit("_", 1)[1] not in listed.text and "hash" not in listed.text
        assert is_problem(await client.post("/api/keys", json=wish), 409)  # two people, one owner
        assert (await client.post("/api/keys", json={**wish, "owner": "bob"})).status_code == 201
        for wrong in ({"name": "", "role": "user"}, {"name": "a\r\nb", "role": "user"}, {"name": "x", "role": "king"}):
            assert (await client.post("/api/keys", json=wrong)).status_code == 400
        assert (await client.delete(f"/api/keys/{made['id']}")).status_code == 204
        assert is_problem(await client.delete("/api/keys/000"), 404)
        assert is_problem(await client.delete(f"/api/keys/{root.row.id}"), 409)  # the last admin


async def test_a_revoked_key_opens_nothing_at_once_here_and_within_a_second_elsewhere(
    open_house: House, folder: Path
) -> None:
    made = await open_house.key("alice")
    async with house(folder) as other, open_house.bearer(made) as here, other.bearer(made) as there:
        assert [(await client.get("/api/me")).status_code for client in (here, there)] == [200, 200]
        await open_house.doors.keyring.revoke(made.row.id)
        assert is_problem(await here.get("/api/me"), 401)
        other.clock.pass_by(1.0)
        assert is_problem(await there.get("/api/me"), 401)


async def test_secrets_are_kept_as_digests_only(open_house: House, folder: Path) -> None:
    made = await open_house.key("alice")
    async with open_house.client(AWAY) as client:
        await client.post("/api/sign-in", json={"key": made.text})
        cookie = client.cookies["parley"]
    await open_house.records.close()
    kept = b"".join([await file.read_bytes() async for file in anyio.Path(folder).glob("parley.db*")])
    for secret in (made.text.rsplit("_", 1)[1], cookie):
        assert len(secret) == 64
        assert secret.encode() not in kept and bytes.fromhex(secret) not in kept


async def test_every_wrong_key_costs_one_look_and_one_comparison(open_house: House) -> None:
    """No early return tells an unknown key from a wrong secret: both do the same work."""
    made = await open_house.key("alice")
    work = []
    for text in (f"pk_{made.row.id}_{'0' * 64}", f"pk_000000000000_{'0' * 64}", "nonsense", made.text):
        looked = Looks(open_house)
        calls: list[Any] = []
        sys.setprofile(partial(_noted, calls))
        try:
            await looked.callers.of(Credential("key", text))
        finally:
            sys.setprofile(None)
        work.append((looked.count, calls.count(hmac.compare_digest), calls.count(hashlib.sha256)))
    assert work == [(1, 1, 2)] * 4


def _noted(calls: list[Any], frame: FrameType, event: str, what: Any) -> None:
    if event == "c_call":
        calls.append(what)


class Looks:
    """Counts how often the database is asked for a key."""

    def __init__(self, found: House) -> None:
        self.count = 0
        self._records = found.records
        self.callers = Callers(self, found.meetings.shared, found.clock, found.clock.now)  # type: ignore[arg-type]

    async def key(self, id: str) -> object:
        self.count += 1
        return await self._records.key(id)
