"""Without keys: this machine comes in, other machines and foreign pages do not."""

from pathlib import Path

import pytest

from api.doors.bind import check_bind
from api.doors.settings import DoorSettings
from api.settings import SettingsError
from tests.api.doors.house import AWAY, House, connect, house, is_problem

pytestmark = pytest.mark.anyio


async def test_this_machine_is_admin(open_house: House) -> None:
    async with open_house.client() as client:
        me = (await client.get("/api/me")).json()
        assert (me["role"], me["owner"], me["keyed"], me["key"]) == ("admin", "local", False, None)
        assert (await client.get("/api/meetings")).status_code == 200
        assert (await client.get("/api/admin/status")).status_code == 200


async def test_names_of_loopback_are_answered(open_house: House) -> None:
    for host in ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"]:
        async with open_house.client() as client:
            assert (await client.get("/api/meetings", headers={"Host": host})).status_code == 200


async def test_dns_rebinding_is_refused(open_house: House) -> None:
    for host in [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "[::1].evil",
        "",
    ]:
        async with open_house.client() as client:
            for method in ("GET", "POST", "OPTIONS"):
                answer = await client.request(method, "/api/meetings", headers={"Host": host})
                assert is_problem(answer, 403)
                assert "allowed_hosts" in answer.json()["detail"]
        assert (await connect(open_house.app, headers={"host": host})).close_code == 4403


async def test_two_hosts_are_refused(open_house: House) -> None:
    async with open_house.client() as client:
        answer = await client.get("/api/meetings", headers=[("Host", "localhost"), ("Host", "evil.example")])
        assert is_problem(answer, 403)


async def test_a_configured_name_is_answered(folder: Path) -> None:
    async with house(folder, DoorSettings(allowed_hosts=("Parley.lan",))) as found, found.client() as client:
        assert (await client.get("/api/me", headers={"Host": "parley.lan:8000"})).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost:3000", "null", "http://localhost.evil.example"]
)
async def test_a_foreign_page_neither_posts_nor_reads(open_house: House, origin: str) -> None:
    id = await open_house.meeting("local")
    async with open_house.client(headers={"Origin": origin, "Host": "localhost:8000"}) as client:
        refused = [
            await client.get("/api/meetings"),
            await client.get(f"/api/meetings/{id}"),
            await client.post("/api/keys", json={"name": "mine", "role": "admin"}),
            await client.post(
                "/api/keys", content=b'{"name":"mine","role":"admin"}', headers={"Content-Type": "text/plain"}
            ),
            await client.delete(f"/api/meetings/{id}", params={"purge": True}),
            await client.options("/api/meetings", headers={"Access-Control-Request-Method": "DELETE"}),
        ]
        for answer in refused:
            assert is_problem(answer, 403)
            assert "access-control-allow-origin" not in answer.headers
    assert (await open_house.records.meeting(id)).deleted_at is None
    assert not await open_house.records.keys()


async def test_pictures_forms_and_frames_of_foreign_pages_are_refused(open_house: House) -> None:
    for site in ["cross-site", "same-site"]:
        async with open_house.client(headers={"Sec-Fetch-Site": site}) as client:
            for mode, dest in [
                ("no-cors", "image"),
                ("no-cors", "script"),
                ("navigate", "iframe"),
                ("navigate", "object"),
            ]:
                answer = await client.get("/api/meetings", headers={"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest})
                assert is_problem(answer, 403)
            form = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
            assert is_problem(await client.post("/api/meetings/sample", headers=form), 403)
            # A link that somebody follows opens a tab of its own.
            assert (await client.get("/api/meetings", headers=form)).status_code == 200


async def test_our_own_page_comes_in(open_house: House) -> None:
    async with open_house.client(headers={"Host": "localhost:8000", "Origin": "http://localhost:8000"}) as client:
        assert (await client.post("/api/typed", json={"count": 1})).status_code == 200
        assert (await client.get("/api/me", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 200


async def test_foreign_websocket_is_refused(open_house: House) -> None:
    for origin in ("https://evil.example", "http://localhost:3000", "null"):
        assert (await connect(open_house.app, headers={"origin": origin})).close_code == 4403
    assert (await connect(open_house.app, headers={"origin": "http://localhost:8000"})).is_accepted
    assert (await connect(open_house.app)).is_accepted  # a program, not a page


async def test_a_proxy_does_not_lend_its_address(open_house: House) -> None:
    for name in ["X-Forwarded-For", "Forwarded"]:
        async with open_house.client(headers={name: "203.0.113.9"}) as client:
            assert is_problem(await client.get("/api/meetings"), 401)


async def test_other_machines_are_refused_however_the_server_was_bound(open_house: House) -> None:
    for address in (AWAY, ("2001:db8::1", 1), ("10.0.0.2", 1), ("::ffff:10.0.0.2", 1)):
        async with open_house.client(address) as client:
            answer = await client.get("/api/meetings")
            assert is_problem(answer, 401)
            assert "parley keys add" in answer.json()["detail"]
        assert (await connect(open_house.app, client=address)).close_code == 4401
    async with open_house.client(("::ffff:127.0.0.1", 1)) as client:
        assert (await client.get("/api/meetings")).status_code == 200


async def test_a_key_that_nobody_asked_for_changes_nothing(open_house: House) -> None:
    async with open_house.client(headers={"Authorization": "Bearer sk-whatever"}) as client:
        assert (await client.get("/v1/models")).status_code == 200


async def test_the_first_key_ends_it_within_a_second(open_house: House) -> None:
    async with open_house.client() as client:
        assert (await client.get("/api/meetings")).status_code == 200
        # By another process, as `parley keys add` does.
        made = await type(open_house.doors.keyring)(open_house.records).add("root", "admin")
        open_house.clock.pass_by(1.0)
        assert is_problem(await client.get("/api/meetings"), 401)
    async with open_house.bearer(made) as client:
        assert (await client.get("/api/meetings")).status_code == 200


async def test_making_the_first_key_over_the_wire_ends_it_at_once(open_house: House) -> None:
    async with open_house.client() as client:
        refused = await client.post("/api/keys", json={"name": "guest", "role": "read"})
        assert is_problem(refused, 409)
        made = await client.post("/api/keys", json={"name": "me", "role": "admin"})
        assert made.status_code == 201 and made.json()["owner"] == "local"
        assert is_problem(await client.get("/api/meetings"), 401)
        shown = {"Authorization": f"Bearer {made.json()['key']}"}
        assert (await client.get("/api/meetings", headers=shown)).status_code == 200


async def test_revoking_every_key_opens_nothing(open_house: House) -> None:
    made = await open_house.key("root", "admin")
    await open_house.doors.keyring.revoke(made.row.id, even_last=True)
    async with open_house.client() as client:
        assert is_problem(await client.get("/api/meetings"), 401)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback_may_be_bound_without_keys(host: str) -> None:
    check_bind(host, is_keyed=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "parley.lan", "localhost.evil.example"])  # noqa: S104
def test_nothing_else_may_be_bound_without_keys(host: str) -> None:
    with pytest.raises(SettingsError, match="parley keys add"):
        check_bind(host, is_keyed=False)
    check_bind(host, is_keyed=True)
