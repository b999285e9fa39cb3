"""Providers fail and clients leave: what can be saved is saved, and what cannot ends clearly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import msgspec
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from api.v1.exchange import Exchange, TooSlowBody
from pipeline.gateway.providers import Gateway, Model, Provider, Strategy
from tests.api.v1.conftest import openai_client
from tests.api.v1.front import Front, front
from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello there"}]
ASKED: dict[str, Any] = {"model": "tiny", "messages": HELLO}
NOBODY = "http://127.0.0.1:1"


class Pair(msgspec.Struct):
    """A gateway in front of two providers of one model."""

    gateway: Front
    first: FakeProvider
    second: FakeProvider
    client: openai.AsyncOpenAI

    async def say(self) -> str:
        said = await self.client.chat.completions.create(**ASKED)
        return str(said.choices[0].message.content)

    async def stream(self, **more: Any) -> list[str]:
        stream = await self.client.chat.completions.create(**ASKED, stream=True, **more)
        return [chunk.choices[0].delta.content or "" async for chunk in stream]


@asynccontextmanager
async def pair(folder: Path, strategy: Strategy = "ordered", **more: Any) -> AsyncIterator[Pair]:
    first, second = FakeProvider(), FakeProvider()
    async with AsyncExitStack() as ends:
        urls = [await ends.enter_async_context(each.running()) for each in (first, second)]
        providers = [Provider(url=url, models=("tiny",), type="vllm", **more) for url in urls]
        models = {"tiny": Model(strategy=strategy)}
        gateway = await ends.enter_async_context(front(folder, providers, models))
        yield Pair(gateway, first, second, await ends.enter_async_context(openai_client(gateway)))


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Pair]:
    async with pair(tmp_path) as made:
        yield made


@pytest.mark.parametrize("status", [429, 502, 503])
async def test_a_busy_provider_is_passed_over(two: Pair, status: int) -> None:
    two.first.refuses = status
    assert await two.say() == "You said: Hello there"
    assert await two.stream()
    assert two.second.asked


@pytest.mark.parametrize("status", [401, 403])
async def test_one_that_does_not_know_us_is_passed_over(two: Pair, status: int) -> None:
    two.first.refuses = status
    assert await two.say()
    two.second.refuses = status
    with pytest.raises(openai.InternalServerError) as refused:
        await two.say()
    assert (refused.value.status_code, refused.value.code) == (502, "provider_refused")


@pytest.mark.parametrize("status", [400, 404, 413, 422, 500, 504])
async def test_other_words_are_the_last(two: Pair, status: int) -> None:
    two.first.refuses = status
    with pytest.raises(openai.APIStatusError) as refused:
        await two.say()
    assert refused.value.status_code == status
    assert not two.second.asked


async def test_one_that_cuts_before_the_first_byte_is_passed_over(two: Pair) -> None:
    two.first.dies_after = 0
    assert await two.say()
    assert await two.stream()


async def test_one_that_cuts_after_its_headers_is_passed_over(two: Pair) -> None:
    two.first.dies_after = 0
    stream = {**ASKED, "stream": True}
    two.first.canned = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n\r\n"
    async with httpx.AsyncClient(base_url=two.gateway.url) as http:
        answer = await http.post("/v1/chat/completions", json=stream)
    assert b"Hello" in answer.content


async def test_nothing_is_asked_again_after_the_first_byte(two: Pair) -> None:
    two.first.dies_after = 2
    with pytest.raises(openai.APIError, match="broke off in the middle"):
        await two.stream()
    assert not two.second.asked


async def test_a_stream_that_breaks_off_ends_with_an_event(two: Pair) -> None:
    two.first.dies_after = 3
    async with httpx.AsyncClient(base_url=two.gateway.url) as http:
        answer = await http.post("/v1/chat/completions", json={**ASKED, "stream": True})
    events = answer.text.split("\n\n")
    assert answer.status_code == 200
    assert [event[:6] for event in events] == ["data: "] * 4 + [""]
    error = msgspec.json.decode(events[-2].removeprefix("data: "))["error"]
    assert (error["type"], error["code"]) == ("server_error", "provider_died")


async def test_a_stream_without_its_end_has_broken_off(two: Pair) -> None:
    body = b'data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(body)
    two.first.canned = head + body
    async with httpx.AsyncClient(base_url=two.gateway.url) as http:
        answer = await http.post("/v1/chat/completions", json={**ASKED, "stream": True})
    assert answer.content.startswith(body)
    assert "provider_died" in answer.text


async def test_when_all_are_busy_the_last_word_stands(two: Pair) -> None:
    two.first.refuses = two.second.refuses = 429
    two.first.retry_after = two.second.retry_after = 7
    with pytest.raises(openai.RateLimitError, match="Not now") as refused:
        await two.say()
    assert refused.value.response.headers["retry-after"] == "7"


async def test_a_dead_provider_is_left_alone_for_a_while(tmp_path: Path) -> None:
    async with front(tmp_path, [Provider(url=NOBODY, models=("tiny",))]) as gateway, openai_client(gateway) as client:
        for _ in range(3):
            with pytest.raises(openai.InternalServerError) as refused:
                await client.chat.completions.create(**ASKED)
            assert (refused.value.status_code, refused.value.code) == (503, "providers_away")
            assert int(refused.value.response.headers["retry-after"]) >= 1
        assert "127.0.0.1" not in refused.value.message
        assert gateway.board.targets()[0].breaker.state == "open"
        (health,) = gateway.board.health()
        assert not health.ready


async def test_one_that_comes_back_is_asked_again(two: Pair) -> None:
    two.first.dies_after = two.second.dies_after = 0
    for _ in range(3):
        with pytest.raises(openai.InternalServerError):
            await two.say()
    two.first.dies_after = two.second.dies_after = None
    await two.gateway.board.look()
    assert await two.say()


async def test_a_silent_provider_is_given_up(tmp_path: Path) -> None:
    async with pair(tmp_path, silence_seconds=0.2) as two:
        two.first.hangs = True
        with pytest.raises(openai.InternalServerError) as refused:
            await two.say()
        assert (refused.value.status_code, refused.value.code) == (504, "provider_silent")
        assert not two.second.asked, "who is silent may still be at work"


async def test_who_leaves_before_the_first_byte_frees_the_provider(two: Pair) -> None:
    two.first.hangs = True
    for asked in (ASKED, {**ASKED, "stream": True}):
        waiting = asyncio.create_task(two.client.chat.completions.create(**asked))
        await two.first.arrived.get()
        waiting.cancel()
        # How fast, tests/bench/gateway_streams.py says.
        await asyncio.wait_for(two.first.left.get(), 5)
    assert two.gateway.board.health()[0].busy == 0


async def test_who_leaves_in_mid_stream_frees_the_provider(two: Pair) -> None:
    two.first.chunk_seconds = 0.01
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "word " * 1000}]
    stream = await two.client.chat.completions.create(model="tiny", messages=messages, stream=True)
    await anext(aiter(stream))
    await stream.close()
    await asyncio.wait_for(two.first.left.get(), 5)
    assert two.first.open_requests == 0


async def test_no_provider_has_more_than_it_may(tmp_path: Path) -> None:
    async with pair(tmp_path, "least_busy", concurrency=3) as two:
        two.first.chunk_seconds = two.second.chunk_seconds = 0.001
        await asyncio.gather(*(two.stream() for _ in range(40)))
        assert (two.first.most_open, two.second.most_open) == (3, 3)


async def test_who_gets_no_turn_is_told(tmp_path: Path) -> None:
    async with AsyncExitStack() as ends:
        provider = FakeProvider()
        url = await ends.enter_async_context(provider.running())
        settings = Gateway(queue_seconds=0.05)
        one = [Provider(url=url, models=("tiny",), concurrency=1)]
        gateway = await ends.enter_async_context(front(tmp_path, one, settings=settings))
        client = await ends.enter_async_context(openai_client(gateway))
        provider.hangs = True
        first = asyncio.create_task(client.chat.completions.create(**ASKED))
        await provider.arrived.get()
        with pytest.raises(openai.InternalServerError, match="are busy") as refused:
            await client.chat.completions.create(**ASKED)
        assert refused.value.status_code == 503
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def test_many_streams_at_once(two: Pair) -> None:
    two.first.chunk_seconds = 0.1
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(two.gateway.url, connector=connector) as http:

        async def stream() -> bool:
            async with http.post("/v1/chat/completions", json={**ASKED, "stream": True}) as answer:
                return (await answer.read()).endswith(b"data: [DONE]\n\n")

        assert all(await asyncio.gather(*(stream() for _ in range(500))))
    assert two.first.most_open > 400


async def test_without_a_chat_model_one_sentence_says_how_to_get_one(tmp_path: Path) -> None:
    async with front(tmp_path) as gateway, openai_client(gateway, retries=2) as client:
        for asked in (client.chat.completions.create(**ASKED), client.responses.create(model="x", input="y")):
            with pytest.raises(openai.InternalServerError, match="PARLEY_CHAT") as refused:
                await asked
            assert refused.value.status_code == 503
        with pytest.raises(openai.NotFoundError, match="image-generation"):
            await client.images.generate(prompt="a cat")


async def test_a_provider_that_starts_later_is_found(tmp_path: Path) -> None:
    late = FakeProvider()
    async with late.running() as url:
        port = int(url.rpartition(":")[2])
    async with (
        front(tmp_path, [Provider(url=url)], fresh_seconds=0) as gateway,
        openai_client(gateway) as client,
        late.running(port),
    ):
        assert (await client.chat.completions.create(**ASKED)).choices


async def test_a_provider_that_was_never_there_may_have_the_model(tmp_path: Path) -> None:
    async with front(tmp_path, [Provider(url=NOBODY, name="chat")]) as gateway, openai_client(gateway) as client:
        with pytest.raises(openai.InternalServerError, match="chat could not be reached") as refused:
            await client.chat.completions.create(**ASKED)
        assert (refused.value.status_code, refused.value.code) == (503, "providers_away")


async def test_a_body_that_does_not_come_is_given_up() -> None:
    first: list[dict[str, Any]] = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> dict[str, Any]:
        return first.pop() if first else await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "path": "/", "method": "POST", "headers": []}
    with pytest.raises(TooSlowBody):
        await Exchange(scope, receive, send, None).body(1000, silence_seconds=0.01)
