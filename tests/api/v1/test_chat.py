"""OpenAI's own client chats through the gateway and notices nothing."""

import asyncio
from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from tests.api.v1.front import Front
from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello there"}]
WEATHER: list[ChatCompletionToolParam] = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
        },
    }
]


async def test_a_chat_is_answered(client: openai.AsyncOpenAI, provider: FakeProvider) -> None:
    said = await client.chat.completions.create(model="tiny", messages=HELLO, seed=7, temperature=0.5, user="ann")
    assert said.choices[0].message.content == "You said: Hello there"
    assert said.usage is not None and said.usage.total_tokens == 7
    assert provider.last() == {"model": "tiny", "messages": HELLO, "seed": 7, "temperature": 0.5, "user": "ann"}


async def test_what_the_gateway_does_not_know_travels_on(client: openai.AsyncOpenAI, provider: FakeProvider) -> None:
    more: dict[str, Any] = {"guided_regex": "a+", "nested": {"deep": [1.0, "é"]}, "top_k": 5}
    body = b'{"model": "tiny", "messages": [{"role":"user","content":"x"}], "big": 12345678901234567890123, "f": 1.10}'
    await client.post("/chat/completions", body={"model": "tiny", "messages": HELLO, **more, "n": 3}, cast_to=object)
    assert provider.last()["guided_regex"] == "a+"
    assert provider.last()["n"] == 3
    async with httpx.AsyncClient() as http:
        await http.post(f"{client.base_url}chat/completions", content=body)
    assert provider.last()["big"] == 12345678901234567890123


async def test_a_stream_comes_in_parts(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model="tiny", messages=HELLO, stream=True)
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "You said: Hello there"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert all(chunk.choices for chunk in chunks), "what it took was not asked for"


async def test_a_stream_tells_what_it_took_if_asked(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="tiny", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert [bool(chunk.choices) for chunk in chunks] == [True] * (len(chunks) - 1) + [False]
    assert chunks[-1].usage is not None and chunks[-1].usage.total_tokens == 7
    assert all(chunk.usage is None for chunk in chunks[:-1])


@pytest.mark.parametrize("is_stream", [False, True])
async def test_tools_are_called(client: openai.AsyncOpenAI, is_stream: bool) -> None:
    asked: dict[str, Any] = {"model": "tiny", "messages": HELLO, "tools": WEATHER}
    if is_stream:
        async with client.chat.completions.stream(**asked) as stream:
            said = await stream.get_final_completion()
    else:
        said = await client.chat.completions.create(**asked)
    calls = said.choices[0].message.tool_calls
    assert said.choices[0].finish_reason == "tool_calls"
    assert calls is not None and calls[0].type == "function"
    assert calls[0].function.name == "weather"
    assert calls[0].function.arguments == '{"city":"Paris","days":7}'
    result = {"role": "tool", "tool_call_id": "call_1", "content": "Sun"}
    more: list[Any] = [*HELLO, said.choices[0].message.to_dict(), result]
    answered = await client.chat.completions.create(model="tiny", messages=more, tools=WEATHER)
    assert answered.choices[0].message.content == "You said: Sun"


async def test_an_answer_fits_a_schema(client: openai.AsyncOpenAI, provider: FakeProvider) -> None:
    schema: dict[str, object] = {"type": "object", "properties": {"city": {"type": "string"}}}
    said = await client.chat.completions.create(
        model="tiny",
        messages=HELLO,
        response_format={"type": "json_schema", "json_schema": {"name": "place", "schema": schema, "strict": True}},
    )
    assert said.choices[0].message.content == '{"city":"Paris"}'
    assert provider.last()["response_format"]["json_schema"]["strict"] is True


async def test_log_probabilities_travel(client: openai.AsyncOpenAI) -> None:
    said = await client.chat.completions.create(model="tiny", messages=HELLO, logprobs=True, top_logprobs=2)
    found = said.choices[0].logprobs
    assert found is not None and found.content is not None
    assert [len(token.top_logprobs) for token in found.content] == [2, 2, 2, 2]


async def test_an_integer_of_older_clients_means_that_many(http: httpx.AsyncClient, provider: FakeProvider) -> None:
    answer = await http.post("/v1/chat/completions", json={"model": "tiny", "messages": HELLO, "logprobs": 5})
    assert answer.status_code == 200
    assert (provider.last()["logprobs"], provider.last()["top_logprobs"]) == (True, 5)
    assert len(answer.json()["choices"][0]["logprobs"]["content"][0]["top_logprobs"]) == 5


async def test_a_limit_is_added_only_where_there_is_none(client: openai.AsyncOpenAI, provider: FakeProvider) -> None:
    said = await client.chat.completions.create(model="capped", messages=HELLO)
    assert said.choices[0].message.content == "You said: Hello"
    assert provider.last()["max_tokens"] == 3
    await client.chat.completions.create(model="capped", messages=HELLO, max_tokens=100_000)
    assert provider.last()["max_tokens"] == 100_000
    await client.chat.completions.create(model="capped", messages=HELLO, max_completion_tokens=9)
    assert "max_tokens" not in provider.last()


async def test_an_alias_is_the_model(client: openai.AsyncOpenAI, provider: FakeProvider) -> None:
    assert (await client.chat.completions.create(model="gpt-4o", messages=HELLO)).choices
    assert provider.last()["model"] == "tiny"


async def test_pictures_and_sound_travel(client: openai.AsyncOpenAI, provider: FakeProvider) -> None:
    parts: list[ChatCompletionMessageParam] = [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
                {"type": "image_url", "image_url": {"url": "https://example.com/cat.png", "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
            ],
        }
    ]
    said = await client.chat.completions.create(model="tiny", messages=parts)
    assert said.choices[0].message.content == "You said: What is this? image_url image_url input_audio"
    assert provider.last()["messages"] == parts


@pytest.mark.parametrize("prompt", ["Once upon", ["Once upon"], [1, 2, 3], [[1, 2], [3]]])
async def test_a_text_is_completed(client: openai.AsyncOpenAI, provider: FakeProvider, prompt: Any) -> None:
    said = await client.completions.create(model="tiny", prompt=prompt, echo=False, logprobs=5, best_of=2)
    assert said.choices[0].text.startswith("You said:")
    assert (provider.last()["prompt"], provider.last()["logprobs"]) == (prompt, 5)
    stream = await client.completions.create(model="tiny", prompt=prompt, stream=True)
    assert "".join([chunk.choices[0].text async for chunk in stream]).startswith("You said:")


async def test_the_client_without_async_works_too(gateway: Front) -> None:
    def chat() -> str | None:
        with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="x", _strict_response_validation=True) as client:
            parts = client.chat.completions.create(model="tiny", messages=HELLO, stream=True)
            return "".join(part.choices[0].delta.content or "" for part in parts)

    assert await asyncio.to_thread(chat) == "You said: Hello there"


async def test_headers_are_ours(http: httpx.AsyncClient, provider: FakeProvider) -> None:
    secret = {"Authorization": "Bearer pk_mine", "X-Secret": "1", "Cookie": "parley=1"}
    answer = await http.post("/v1/chat/completions", json={"model": "tiny", "messages": HELLO}, headers=secret)
    assert set(answer.headers) <= {"content-type", "content-length", "x-request-id", "date", "server"}
    sent = provider.headers[-1].lower()
    assert b"pk_mine" not in sent and b"x-secret" not in sent and b"cookie" not in sent
    stream = await http.post("/v1/chat/completions", json={"model": "tiny", "messages": HELLO, "stream": True})
    assert stream.headers["content-type"] == "text/event-stream"
    assert "x-internal" not in stream.headers
