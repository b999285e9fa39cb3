"""How much anybody may send: requests, bytes, and levels of JSON."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import anyio
import pytest

from api.doors.bucket import MOST_BUCKETS, Buckets
from api.doors.settings import DoorSettings
from tests.api.doors.house import Clock, House, house, is_problem

pytestmark = pytest.mark.anyio


async def test_requests_a_minute(open_house: House) -> None:
    slow, free = await open_house.key("slow", limits={"requests_per_minute": 6.0}), await open_house.key("free")
    async with open_house.bearer(slow) as client, open_house.bearer(free) as other:
        assert [(await client.get("/api/me")).status_code for _ in range(7)] == [200] * 6 + [429]
        answer = await client.get("/api/me")
        assert is_problem(answer, 429) and answer.headers["retry-after"] == "10"
        assert (await client.get("/v1/models")).json()["error"]["type"] == "rate_limit_error"
        assert (await other.get("/api/me")).status_code == 200
        open_house.clock.pass_by(10.0)
        assert [(await client.get("/api/me")).status_code for _ in range(2)] == [200, 429]


async def test_a_sign_in_is_counted_with_its_key(open_house: House) -> None:
    made = await open_house.key("slow", limits={"requests_per_minute": 4.0})
    async with open_house.client() as browser, open_house.bearer(made) as program:
        await browser.post("/api/sign-in", json={"key": made.text})
        answers = [await client.get("/api/me") for client in (browser, program) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2


async def test_a_hundred_at_once_take_no_token_twice(open_house: House) -> None:
    made = await open_house.key("slow", limits={"requests_per_minute": 30.0})
    found: list[int] = []
    async with open_house.bearer(made) as client:

        async def ask() -> None:
            found.append((await client.get("/api/me")).status_code)

        async with anyio.create_task_group() as tasks:
            for _ in range(100):
                tasks.start_soon(ask)
    assert (found.count(200), found.count(429)) == (30, 70)


def test_a_bucket_fills_at_its_rate_and_never_over() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    assert [buckets.take("a", 60.0) for _ in range(61)] == [0] * 60 + [1]
    clock.pass_by(0.5)
    assert buckets.take("a", 60.0) == 1
    clock.pass_by(0.5)
    assert buckets.take("a", 60.0) == 0
    clock.pass_by(1e6)
    assert [buckets.take("a", 60.0) for _ in range(61)].count(0) == 60
    assert [buckets.take("b", 0.5) for _ in range(2)] == [0, 120]


def test_more_names_than_anybody_has_take_no_memory() -> None:
    buckets = Buckets(Clock())
    for number in range(MOST_BUCKETS + 1000):
        buckets.take(str(number), 60.0)
    assert len(buckets._buckets) == MOST_BUCKETS


async def test_a_body_that_is_too_large(folder: Path) -> None:
    async with house(folder, DoorSettings(largest_json=1000)) as found, found.client() as client:
        assert (await client.post("/api/free", content=b'"' + b"x" * 998 + b'"')).status_code == 200
        assert is_problem(await client.post("/api/free", content=b'"' + b"x" * 999 + b'"'), 413)

        async def endless() -> AsyncGenerator[bytes, None]:
            for _ in range(100):
                yield b"x" * 100

        async with aclosing(endless()) as body:
            assert is_problem(await client.post("/api/free", content=body), 413)


async def test_json_that_is_too_deep(open_house: House) -> None:
    for bomb in [b"[" * 1_000_000, b'{"a":' * 200_000, b"[" * 100_000 + b"]" * 100_000, b'[{"a":' * 50_000]:
        async with open_house.client() as client:
            assert is_problem(await client.post("/api/free", content=bomb), 400)
            assert is_problem(await client.post("/api/typed", content=bomb), 400)
            assert is_problem(await client.post("/api/typed", content=b'{"count": 1, "more": ' + bomb), 400)
            assert (await client.post("/api/free", content=b"[" * 100 + b"]" * 100)).status_code == 200


async def test_json_that_is_none(open_house: House) -> None:
    for number in [b"1" * 1_000_000, b"1e999999", b"-" * 100, b"0." + b"1" * 1_000_000, b"\xff\xfe", b""]:
        async with open_house.client() as client:
            assert is_problem(await client.post("/api/typed", content=b'{"count": ' + number + b"}"), 400)
            assert is_problem(await client.post("/api/typed", content=b'{"count": 1, "' + number + b"}"), 400)


async def test_json_whose_text_is_none(open_house: House) -> None:
    for text in [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\xa1\xa1\xa1\xa1"]:
        async with open_house.client() as client:
            for body in (b'{"count": 1, "name": "' + text + b'"}', b'{"' + text + b'": 1}'):
                assert is_problem(await client.post("/api/typed", content=body), 400)
