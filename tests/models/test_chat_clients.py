"""Real clients chat with the tiny model: through our real server, and through a second Parley in front of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import ollama
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from api.app import app_of, parts_of
from api.listen import free_place, listening
from api.settings import Settings, load
from pipeline.gateway.providers import Provider
from tests.api.v1.front import front
from tests.models import tiny_gguf

pytestmark = pytest.mark.anyio

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello there"}]
PLACE: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 8}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER: list[ChatCompletionToolParam] = [{"type": "function", "function": {"name": "weather", "parameters": PLACE}}]


@asynccontextmanager
async def server(settings: Settings) -> AsyncIterator[str]:
    parts = parts_of(settings)
    app = app_of(parts)
    host, port = free_place("127.0.0.1", 0)
    async with app.lifespan(), listening(app, host, port, parts.closing):
        yield f"http://{host}:{port}"


@pytest.fixture(scope="module")
async def inner(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("inner")
    tiny_gguf.build(folder / "tiny.gguf")
    async with server(load(None, {"PARLEY_DATA": str(folder), "PARLEY_CHAT": str(folder / "tiny.gguf")})) as url:
        yield url


@pytest.fixture(scope="module")
async def outer(inner: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    far = Provider(url=inner, type="parley", name="far")
    # The gateway alone: jobs are one a process.
    async with front(tmp_path_factory.mktemp("outer"), [far]) as made:
        yield made.url


@pytest.fixture(params=["inner", "outer"])
async def base(request: pytest.FixtureRequest, inner: str, outer: str) -> str:
    return inner if request.param == "inner" else outer


@pytest.fixture
async def client(base: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=f"{base}/v1", api_key="none", max_retries=0, _strict_response_validation=True
    ) as made:
        yield made


async def test_it_chats(client: openai.AsyncOpenAI) -> None:
    said = await client.chat.completions.create(
        model="tiny", messages=HELLO, max_completion_tokens=9, seed=1, n=2, logprobs=True, top_logprobs=3
    )
    assert said.usage is not None and said.usage.prompt_tokens > 5
    assert said.usage.completion_tokens <= 18
    assert [choice.index for choice in said.choices] == [0, 1]
    found = said.choices[0].logprobs
    assert found is not None and found.content is not None
    assert all(len(token.top_logprobs) == 3 for token in found.content)


async def test_it_streams(client: openai.AsyncOpenAI) -> None:
    asked: dict[str, Any] = {"model": "tiny", "messages": HELLO, "max_tokens": 12, "seed": 4}
    whole = await client.chat.completions.create(**asked)
    stream = await client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1])
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage and not chunks[-1].choices
    bare = [chunk async for chunk in await client.chat.completions.create(**asked, stream=True)]
    assert all(chunk.choices for chunk in bare)


async def test_its_answers_fit_a_schema(client: openai.AsyncOpenAI) -> None:
    for seed in range(5):
        said = await client.chat.completions.create(
            model="tiny",
            messages=HELLO,
            seed=seed,
            max_tokens=600,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "place", "schema": PLACE, "strict": True},
            },
        )
        assert set(msgspec.json.decode(said.choices[0].message.content or "")) == {"city", "days"}


@pytest.mark.parametrize("is_stream", [False, True])
async def test_it_calls_tools(client: openai.AsyncOpenAI, is_stream: bool) -> None:
    asked: dict[str, Any] = {
        "model": "tiny",
        "messages": HELLO,
        "tools": WEATHER,
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
        "parallel_tool_calls": False,
        "max_tokens": 600,
    }
    if is_stream:
        async with client.chat.completions.stream(**asked) as stream:
            said = await stream.get_final_completion()
    else:
        said = await client.chat.completions.create(**asked)
    assert said.choices[0].finish_reason == "tool_calls"
    calls = said.choices[0].message.tool_calls
    assert calls is not None and len(calls) == 1
    call = calls[0]
    assert call.type == "function" and call.function.name == "weather"
    assert set(msgspec.json.decode(call.function.arguments)) == {"city", "days"}


async def test_it_completes_texts_and_responds(client: openai.AsyncOpenAI) -> None:
    text = await client.completions.create(model="tiny", prompt=["Once", "upon"], max_tokens=4, logprobs=2)
    assert len(text.choices) == 2
    # Chunks that go on say null, as OpenAI's do; its own client, where it is strict, does not take that of texts.
    async with openai.AsyncOpenAI(base_url=client.base_url, api_key="none") as lenient:
        stream = await lenient.completions.create(model="tiny", prompt=[1, 2, 3], max_tokens=4, stream=True)
        assert [chunk async for chunk in stream][-1].choices[0].finish_reason in ("stop", "length")
    response = await client.responses.create(model="tiny", input="Hello", max_output_tokens=5)
    assert response.usage is not None and response.usage.output_tokens <= 5


async def test_what_it_cannot_do_is_told(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="window is 2048 tokens") as refused:
        await client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": "a b " * 3000}])
    assert refused.value.code == "context_length_exceeded"
    picture: Any = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]
    with pytest.raises(openai.BadRequestError, match="takes no images"):
        await client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": picture}])
    with pytest.raises(openai.BadRequestError, match="colour"):
        await client.chat.completions.create(model="tiny", messages=HELLO, extra_body={"colour": "red"})
    with pytest.raises(openai.NotFoundError):
        await client.chat.completions.create(model="tyny", messages=HELLO)


async def test_ollamas_client_chats(base: str) -> None:
    async with ollama.AsyncClient(host=base) as client:
        options = {"num_predict": 6, "seed": 3, "top_k": 20, "temperature": 0.5}
        said = await client.chat("tiny", [{"role": "user", "content": "Hello"}], options=options)
        assert said.done and said.eval_count is not None and said.eval_count <= 6
        parts = [part async for part in await client.generate("tiny", "Hello", options=options, stream=True)]
        assert parts[-1].done and parts[-1].prompt_eval_count
        schema = await client.chat("tiny", [{"role": "user", "content": "Hello"}], format=PLACE)
        assert set(msgspec.json.decode(schema.message.content or "")) == {"city", "days"}
        assert "tiny" in [model.model for model in (await client.list()).models]
        assert (await client.show("tiny")).modelinfo is not None


async def test_a_client_that_leaves_frees_the_model(client: openai.AsyncOpenAI) -> None:
    endless: dict[str, Any] = {"model": "tiny", "messages": HELLO, "max_tokens": 1900, "n": 100}
    stream = await client.chat.completions.create(**endless, stream=True)
    await anext(aiter(stream))
    await stream.close()
    left = time.perf_counter()
    await client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=1)
    assert time.perf_counter() - left < 2


async def test_requests_take_turns(client: openai.AsyncOpenAI) -> None:
    asked: dict[str, Any] = {"model": "tiny", "messages": HELLO, "max_tokens": 20, "seed": 5}
    said = await asyncio.gather(*(client.chat.completions.create(**asked) for _ in range(8)))
    assert len({each.choices[0].message.content for each in said}) == 1


async def test_it_is_listed(base: str) -> None:
    async with httpx.AsyncClient(base_url=base) as http:
        listed = (await http.get("/v1/models/tiny")).json()
    assert (listed["type"], listed["max_context_length"]) == ("text-generation", 2048)


async def test_health_names_it(inner: str) -> None:
    async with httpx.AsyncClient(base_url=inner) as http:
        engines = (await http.get("/health/ready")).json()["engines"]
    assert ("chat", "llama_cpp") in [(engine["role"], engine["engine"]) for engine in engines]
