"""A share link reads one meeting, and nothing else, until it is taken back."""

from datetime import timedelta

import pytest

from tests.api.doors.house import AWAY, BEGAN, House, connect, is_problem

pytestmark = pytest.mark.anyio


async def test_a_link_reads_its_meeting_and_nothing_else(open_house: House) -> None:
    made = await open_house.key("alice")
    id, other = await open_house.meeting("alice", "Shared"), await open_house.meeting("alice", "Private")
    async with open_house.bearer(made) as client:
        shared = await client.post(f"/api/meetings/{id}/share")
        assert shared.status_code == 201
        token = shared.json()["token"]
        assert shared.json()["path"] == f"/s/{token}"
        assert token.partition(".")[2] not in (await client.get(f"/api/meetings/{id}/share")).text
    async with open_house.client(AWAY, params={"share": token}) as guest:
        assert (await guest.get(f"/api/meetings/{id}")).json()["title"] == "Shared"
        assert (await guest.get(f"/api/meetings/{id}/transcript")).status_code == 200
        me = (await guest.get("/api/me")).json()
        assert (me["role"], me["meeting"], me["owner"], me["key"]) == ("share", id, None, None)
        for method, path in [
            ("GET", "/api/meetings"),
            ("GET", f"/api/meetings/{other}"),
            ("GET", f"/api/meetings/{other}/transcript"),
            ("GET", f"/api/meetings/{id}/../{other}"),
            ("GET", f"/api/meetings/{id}%2f..%2f{other}"),
            ("GET", f"/api/meetings/{id}x"),
            ("GET", f"/api/meetings/{id}/share"),
            ("GET", "/api/search?q=a"),
            ("GET", "/api/keys"),
            ("GET", "/api/seen"),
            ("GET", "/api/admin/status"),
            ("GET", "/v1/models"),
            ("PATCH", f"/api/meetings/{id}"),
            ("DELETE", f"/api/meetings/{id}"),
            ("POST", f"/api/meetings/{id}/share"),
            ("POST", f"/api/meetings/{id}/summary"),
            ("POST", "/api/keys"),
            ("POST", "/api/typed"),
        ]:
            answer = await guest.request(method, path)
            assert answer.status_code == 404, (method, path, answer.text)
        for path in ("/api/live", f"/api/meetings/{other}/live"):
            assert (await connect(open_house.app, path, query=f"share={token}", client=AWAY)).close_code == 4404
        followed = await connect(open_house.app, f"/api/meetings/{id}/live", query=f"share={token}", client=AWAY)
        assert followed.texts == [{"follows": id, "role": "share"}]


async def test_a_link_is_seen_by_no_log(open_house: House) -> None:
    id = await open_house.meeting("local")
    token = (await open_house.meetings.share(id, None)).token
    seen: list[bytes] = []
    inner = open_house.app.asgi_handler

    async def listening(scope: dict[str, object], receive: object, send: object) -> None:
        try:
            await inner(scope, receive, send)  # type: ignore[arg-type]
        finally:
            seen.append(str(scope["query_string"]).encode())

    open_house.app.asgi_handler = listening  # type: ignore[assignment]
    async with open_house.client(params={"share": token, "x": "1"}) as guest:
        assert (await guest.get(f"/api/meetings/{id}")).status_code == 200
    assert seen == [b"b'x=1'"]


async def test_a_link_that_is_taken_back_opens_nothing_within_a_second(open_house: House) -> None:
    made = await open_house.key("alice")
    id = await open_house.meeting("alice")
    async with open_house.bearer(made) as client, open_house.client(AWAY) as guest:
        shared = (await client.post(f"/api/meetings/{id}/share")).json()
        where = f"/api/meetings/{id}?share={shared['token']}"
        assert (await guest.get(where)).status_code == 200
        assert (await client.delete(f"/api/meetings/{id}/share/{shared['id']}")).status_code == 204
        open_house.clock.pass_by(1.0)
        assert is_problem(await guest.get(where), 404)


async def test_a_link_ends_with_its_time_and_with_its_meeting(open_house: House) -> None:
    id = await open_house.meeting("local")
    over = await open_house.meetings.share(id, None, expires_at=BEGAN - timedelta(seconds=1))
    lasting = await open_house.meetings.share(id, None)
    async with open_house.client() as guest:
        assert is_problem(await guest.get(f"/api/meetings/{id}?share={over.token}"), 404)
        assert (await guest.get(f"/api/meetings/{id}?share={lasting.token}")).status_code == 200
        await open_house.records.remove_meeting(id)
        open_house.clock.pass_by(1.0)
        assert is_problem(await guest.get(f"/api/meetings/{id}?share={lasting.token}"), 404)


async def test_wrong_links_open_nothing(open_house: House) -> None:
    id = await open_house.meeting("local")
    for token in ["", ".", "x", "x.y", "../../keys", "'; DROP TABLE shares; --", "%00", "x" * 5000]:
        async with open_house.client(params={"share": token}) as guest:
            assert is_problem(await guest.get(f"/api/meetings/{id}"), 404)


async def test_a_right_id_with_a_wrong_secret_opens_nothing(open_house: House) -> None:
    id = await open_house.meeting("local")
    token = (await open_house.meetings.share(id, None)).token
    async with open_house.client() as guest:
        for wrong in (token[:-1], token + "x", token.partition(".")[0] + ".", token.swapcase()):
            assert is_problem(await guest.get(f"/api/meetings/{id}", params={"share": wrong}), 404)


async def test_links_have_limits_of_their_own(open_house: House) -> None:
    id = await open_house.meeting("local")
    token = (await open_house.meetings.share(id, None)).token
    async with open_house.client(params={"share": token}) as guest:
        answers = [(await guest.get("/api/me")).status_code for _ in range(610)]
        assert answers == [200] * 600 + [429] * 10
