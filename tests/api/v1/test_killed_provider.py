"""A provider killed in the middle of 1,000 requests, half of them streams: what can be asked again does not fail."""

import asyncio
from collections import Counter
from pathlib import Path

import aiohttp
import msgspec
import pytest

from pipeline.gateway.providers import Model, Provider
from tests.api.v1.front import front
from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio

REQUESTS, TOGETHER, KILLED_AT = 1000, 32, 300
HELLO = [{"role": "user", "content": "one two three four five six"}]


async def test_a_provider_dies_in_the_middle_of_a_thousand_requests(tmp_path: Path) -> None:
    first, second = FakeProvider(), FakeProvider()
    ends: Counter[str] = Counter()
    numbers = iter(range(REQUESTS))
    async with first.running() as one, second.running() as other:
        first.chunk_seconds = second.chunk_seconds = 0.002
        providers = [Provider(url=url, models=("tiny",), type="vllm") for url in (one, other)]
        models = {"tiny": Model(strategy="round_robin")}
        async with front(tmp_path, providers, models) as gateway, aiohttp.ClientSession(gateway.url) as http:

            async def ask() -> None:
                for number in numbers:
                    if number == KILLED_AT:
                        first.dies_after = 0
                        first.kill()
                    asked = {"model": "tiny", "messages": HELLO, "stream": number % 2 == 0}
                    async with http.post("/v1/chat/completions", json=asked) as answer:
                        assert answer.status == 200, await answer.text()
                        ends[end_of(await answer.read(), is_stream=number % 2 == 0)] += 1

            await asyncio.gather(*(ask() for _ in range(TOGETHER)))
    assert ends["answer"] == REQUESTS // 2
    assert ends["stream"] + ends["told"] == REQUESTS // 2
    # Only those that had begun there when it was killed.
    assert 0 < ends["told"] <= TOGETHER


def end_of(body: bytes, *, is_stream: bool) -> str:
    """Return how an answer ended: whole, as a stream, or with an error that is told."""
    if not is_stream:
        assert msgspec.json.decode(body)["choices"][0]["message"]["content"].endswith("six")
        return "answer"
    last = body.split(b"\n\n")[-2]
    if last == b"data: [DONE]":
        return "stream"
    assert msgspec.json.decode(last.removeprefix(b"data: "))["error"]["code"] == "provider_died"
    return "told"
