"""Keys have limits; what they use is kept, and every request leaves a line without content."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import msgspec
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from api.caller import Caller
from pipeline.gateway.providers import Model, Provider
from storage.database.database import open_database
from tests.api.v1.conftest import openai_client
from tests.api.v1.front import Front, front
from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio

SECRET = "The merger is on Friday"
HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": SECRET}]
ROOT = Caller(owner="root", role="admin", counted_as="root")


def keyed(owner: str, **limits: float) -> Caller:
    return Caller(owner=owner, role="user", counted_as=f"key of {owner}", limits=limits)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Front]:
    provider = FakeProvider(["tiny", "dear"])
    async with provider.running() as url:
        models = {"dear": Model(prompt_price=1_000_000.0, completion_price=2_000_000.0)}
        async with front(tmp_path, [Provider(url=url, type="vllm")], models) as made:
            made.keys["root"] = ROOT
            yield made


async def chat(gateway: Front, key: str, model: str = "tiny", **more: Any) -> Any:
    async with openai_client(gateway, key) as client:
        return await client.chat.completions.create(model=model, messages=HELLO, **more)


async def test_tokens_run_out(gateway: Front) -> None:
    gateway.keys["a"] = keyed("ann", tokens_per_minute=20)
    for _ in range(2):
        await chat(gateway, "a")
    with pytest.raises(openai.RateLimitError, match="20 tokens per minute") as refused:
        await chat(gateway, "a")
    assert 1 <= int(refused.value.response.headers["retry-after"]) <= 60
    assert refused.value.code == "rate_limit_exceeded"
    await chat(gateway, "root")


async def test_tokens_of_a_stream_count(gateway: Front) -> None:
    gateway.keys["a"] = keyed("ann", tokens_per_minute=9)
    async with openai_client(gateway, "a") as client:
        stream = await client.chat.completions.create(model="tiny", messages=HELLO, stream=True)
        assert all([chunk.usage is None async for chunk in stream])
    with pytest.raises(openai.RateLimitError):
        await chat(gateway, "a")


async def test_a_limit_may_hold_for_one_model(gateway: Front) -> None:
    gateway.keys["a"] = keyed("ann", **{"tiny:requests_per_minute": 1})
    await chat(gateway, "a")
    with pytest.raises(openai.RateLimitError, match="1 requests per minute"):
        await chat(gateway, "a")
    await chat(gateway, "a", "dear")


async def test_a_budget_runs_out_for_the_day(gateway: Front) -> None:
    gateway.keys["a"] = keyed("ann", budget=15)
    await chat(gateway, "a", "dear")
    with pytest.raises(openai.RateLimitError, match="daily budget of 15") as refused:
        await chat(gateway, "a", "dear")
    assert int(refused.value.response.headers["retry-after"]) > 1


async def test_a_budget_outlives_the_server(tmp_path: Path) -> None:
    provider = FakeProvider(["dear"])
    models = {"dear": Model(prompt_price=1_000_000.0)}
    async with provider.running() as url:
        async with front(tmp_path, [Provider(url=url)], models) as gateway:
            gateway.keys["a"] = keyed("ann", budget=3)
            await chat(gateway, "a", "dear")
        async with front(tmp_path, [Provider(url=url)], models) as gateway:
            gateway.keys["a"] = keyed("ann", budget=3)
            with pytest.raises(openai.RateLimitError, match="daily budget"):
                await chat(gateway, "a", "dear")


async def test_usage_is_kept_and_told(gateway: Front, tmp_path: Path) -> None:
    gateway.keys.update({"a": keyed("ann"), "b": keyed("bob")})
    await asyncio.gather(*(chat(gateway, key) for key in "aab"))
    with pytest.raises(openai.BadRequestError):
        await chat(gateway, "a", "dear", stream="yes")
    async with httpx.AsyncClient(base_url=gateway.url) as http:

        async def usage(key: str, **query: str) -> list[dict[str, Any]]:
            answer = await http.get("/v1/usage", params=query, headers={"Authorization": f"Bearer {key}"})
            assert answer.status_code == 200
            found: list[dict[str, Any]] = answer.json()["data"]
            return found

        assert [(row["owner"], row["model"], row["requests"]) for row in await usage("root")] == [
            ("ann", "dear", 1),
            ("ann", "tiny", 2),
            ("bob", "tiny", 1),
        ]
        (mine,) = await usage("b")
        assert (mine["prompt_tokens"], mine["completion_tokens"], mine["failures"]) == (3, 7, 0)
        assert [row["failures"] for row in await usage("a", model="dear")] == [1]
        assert await usage("root", since="2020-01-01", until="2020-12-31") == []
        for wrong in ({"since": "yesterday"}, {"since": "2020-01-01"}, {"since": "2999-01-01"}):
            answer = await http.get("/v1/usage", params=wrong, headers={"Authorization": "Bearer root"})
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
        assert (await http.get("/v1/usage")).status_code == 401
    again = open_database(f"sqlite:///{tmp_path}/parley.db")
    day = date.fromisoformat(mine["day"])
    assert [row.requests for row in await again.usage(day, day, "bob")] == [1]
    await again.close()


async def test_the_audit_says_what_happened_and_not_what_was_said(
    gateway: Front, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.keys["a"] = keyed("ann")
    with caplog.at_level(logging.INFO, "parley.audit"):
        await chat(gateway, "a")
        with pytest.raises(openai.NotFoundError):
            await chat(gateway, "a", "other")
        async with openai_client(gateway, "a") as client:
            stream = await client.chat.completions.create(model="tiny", messages=HELLO, stream=True)
            assert [chunk async for chunk in stream]
    said = [record.getMessage() for record in caplog.records if record.name == "parley.audit"]
    lines = [msgspec.json.decode(line) for line in said]
    kept = ("key", "model", "provider", "stream", "status", "outcome", "completion_tokens")
    assert [tuple(line[name] for name in kept) for line in lines] == [
        ("key of ann", "tiny", "vllm-1", False, 200, "answered", 7),
        ("key of ann", "", "", False, 404, "refused", 0),
        ("key of ann", "tiny", "vllm-1", True, 200, "answered", 7),
    ]
    assert "merger" not in "".join(said)
