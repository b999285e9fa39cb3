"""Browsers: a cookie that no script reads and no foreign page uses, until it is over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest

from api.doors.keyring import MadeKey
from api.doors.settings import DoorSettings
from tests.api.doors.house import AWAY, House, connect, house, is_problem

pytestmark = pytest.mark.anyio

OURS = {"Origin": "http://parley.lan", "Host": "parley.lan"}
BASE = "http://parley.lan"


@asynccontextmanager
async def signed_in(found: House, made: MadeKey) -> AsyncIterator[httpx.AsyncClient]:
    async with found.client(AWAY, BASE) as client:
        answer = await client.post("/api/sign-in", json={"key": made.text})
        assert answer.status_code == 200, answer.text
        yield client


async def test_sign_in_use_and_sign_out(open_house: House) -> None:
    made = await open_house.key("alice")
    async with open_house.client(AWAY, BASE) as client:
        answer = await client.post("/api/sign-in", json={"key": f"  {made.text}\n"})
        assert answer.json()["name"] == "alice" and answer.json()["keyed"]
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("parley=")
        assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        assert "Secure" not in cookie and "Domain" not in cookie
        assert (await client.get("/api/me")).json()["owner"] == "alice"
        held = {"Cookie": f"parley={client.cookies['parley']}"}
        out = await client.post("/api/sign-out", headers=OURS)
        assert out.status_code == 204
        assert not client.cookies
        assert is_problem(await client.get("/api/me", headers=held), 401)  # the server forgot it, too


async def test_over_https_the_cookie_is_bound_to_the_host(open_house: House) -> None:
    made = await open_house.key("alice")
    async with open_house.client(AWAY, "https://parley.lan") as client:
        answer = await client.post("/api/sign-in", json={"key": made.text})
        assert answer.headers["set-cookie"].startswith("__Host-parley=")
        assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} <= set(answer.headers["set-cookie"].split("; "))
        assert (await client.get("/api/me")).status_code == 200
    # Behind a proxy that speaks HTTPS, the page's origin tells.
    async with open_house.client(AWAY, BASE) as client:
        said = {"Origin": "https://parley.lan", "Host": "parley.lan"}
        answer = await client.post("/api/sign-in", json={"key": made.text}, headers=said)
        assert answer.headers["set-cookie"].startswith("__Host-parley=")


async def test_the_cookie_of_this_host_is_the_one_that_counts(open_house: House) -> None:
    alice, mallory = await open_house.key("alice"), await open_house.key("mallory")
    cookies = []
    for made in (alice, mallory):
        async with open_house.client(AWAY, BASE) as client:
            await client.post("/api/sign-in", json={"key": made.text})
            cookies.append(client.cookies["parley"])
    async with open_house.client(AWAY, BASE) as client:
        tossed = {"Cookie": f"parley={cookies[1]}; __Host-parley={cookies[0]}"}
        assert (await client.get("/api/me", headers=tossed)).json()["name"] == "alice"


@pytest.mark.parametrize(
    "page",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://parley.lan.evil.example"},
        {"Origin": "http://parley.lan:8080"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://app.parley.lan"},
        {},
    ],
)
async def test_no_foreign_page_acts_for_whoever_is_signed_in(open_house: House, page: dict[str, str]) -> None:
    async with signed_in(open_house, await open_house.key("alice")) as client:
        for call in (
            client.post("/api/typed", json={"count": 1}, headers=page),
            client.delete("/api/meetings/x", headers=page),
        ):
            assert is_problem(await call, 403)
        if page and "Sec-Fetch-Mode" not in page:
            assert is_problem(await client.get("/api/meetings", headers=page), 403)
        assert is_problem(await client.post("/api/sign-out", headers=page), 403)
        assert (await client.get("/api/me")).status_code == 200


async def test_our_own_page_acts(open_house: House) -> None:
    async with signed_in(open_house, await open_house.key("alice")) as client:
        for page in (OURS, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}):
            assert (await client.post("/api/typed", json={"count": 1}, headers=page)).status_code == 200


async def test_websocket_of_a_signed_in_browser(open_house: House) -> None:
    async with signed_in(open_house, await open_house.key("alice")) as client:
        cookie = f"parley={client.cookies['parley']}"
    ours = await connect(open_house.app, headers={**OURS, "cookie": cookie}, client=AWAY)
    assert ours.texts[0]["owner"] == "alice"
    for origin in ("https://evil.example", "null", "http://parley.lan:9"):
        foreign = {"host": "parley.lan", "origin": origin, "cookie": cookie}
        assert (await connect(open_house.app, headers=foreign, client=AWAY)).close_code == 4403
    silent = {"host": "parley.lan", "cookie": cookie}
    assert (await connect(open_house.app, headers=silent, client=AWAY)).close_code == 4403


async def test_nobody_is_signed_in_by_a_foreign_page(open_house: House) -> None:
    made = await open_house.key("mallory")
    async with open_house.client(AWAY, BASE, headers={"Origin": "https://evil.example"}) as client:
        answer = await client.post("/api/sign-in", json={"key": made.text})
        assert is_problem(answer, 403) and "set-cookie" not in answer.headers


async def test_a_sign_in_ends_when_its_time_is_over(folder: Path) -> None:
    async with (
        house(folder, DoorSettings(session_hours=2.0)) as found,
        signed_in(found, await found.key("alice")) as client,
    ):
        found.clock.pass_by(2 * 3600 - 1)
        assert (await client.get("/api/me")).status_code == 200
        found.clock.pass_by(1.1)
        held = {"Cookie": f"parley={client.cookies['parley']}"}
        assert is_problem(await client.get("/api/me", headers=held), 401)


async def test_a_sign_in_ends_with_its_key(open_house: House) -> None:
    made = await open_house.key("alice")
    async with signed_in(open_house, made) as client:
        assert (await client.get("/api/me")).status_code == 200
        await open_house.doors.keyring.revoke(made.row.id)
        assert is_problem(await client.get("/api/me"), 401)


async def test_wrong_cookies_open_nothing_and_close_no_open_route(open_house: House) -> None:
    await open_house.key("alice")
    for cookie in ["parley=", "parley=x", "parley=" + "0" * 64, "parley=\xff", "parley", "=;;=parley"]:
        async with open_house.client(AWAY, BASE, headers={b"Cookie": cookie.encode("latin-1")}) as client:
            assert is_problem(await client.get("/api/me"), 401)
            assert (await client.get("/health")).status_code == 200


async def test_wrong_keys_are_throttled_by_address(folder: Path) -> None:
    async with house(folder, DoorSettings(trusted_proxies=("10.0.0.0/8",))) as found:
        made = await found.key("alice")
        async with found.client(("10.0.0.2", 1), BASE) as client:

            async def attempt(key: str, address: str) -> int:
                client.cookies.clear()
                said = {"X-Forwarded-For": f"1.1.1.1, {address}, 10.0.0.9"}
                answer = await client.post("/api/sign-in", json={"key": key}, headers=said)
                if answer.status_code == 429:
                    assert is_problem(answer, 429) and 0 < int(answer.headers["retry-after"]) <= 60
                return answer.status_code

            assert [await attempt("pk_0_0", "203.0.113.7") for _ in range(12)] == [401] * 10 + [429] * 2
            assert await attempt(made.text, "203.0.113.7") == 429  # a right one would tell that it is right
            assert await attempt(made.text, "203.0.113.8") == 200
            found.clock.pass_by(6.0)
            assert await attempt(made.text, "203.0.113.7") == 200
            # Who signs in well is never throttled, and one network of IPv6 is one address.
            assert {await attempt(made.text, "203.0.113.8") for _ in range(30)} == {200}
            sixes = [await attempt("pk_0_0", f"2001:db8::{number:x}") for number in range(12)]
            assert sixes == [401] * 10 + [429] * 2


async def test_a_hundred_attempts_at_once_are_counted_as_a_hundred(open_house: House) -> None:
    await open_house.key("alice")
    found: list[int] = []
    async with open_house.client(AWAY, BASE) as client:

        async def attempt(number: int) -> None:
            key = f"pk_000000000000_{number:064x}"
            found.append((await client.post("/api/sign-in", json={"key": key})).status_code)

        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(attempt, number)
    assert (found.count(401), found.count(429)) == (10, 90)


async def test_without_keys_there_is_nothing_to_sign_in_to(open_house: House) -> None:
    async with open_house.client() as client:
        answer = await client.post("/api/sign-in", json={"key": "anything"})
        assert answer.status_code == 200 and answer.json()["keyed"] is False
        assert "set-cookie" not in answer.headers
