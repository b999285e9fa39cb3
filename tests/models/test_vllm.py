"""vLLM in our process, on a CPU, with a tiny random Qwen3-VL: real clients chat with it through our real server."""

import asyncio
import base64
import io
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import ollama
import openai
import pytest
from numpy.typing import NDArray
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from PIL import Image

from tests.models.test_chat_clients import HELLO
from tests.models.vllm_meeting import chats, over, wav
from tests.models.vllm_server import MODEL, Served

PLACE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "city": {"enum": ["Lima", "Oslo"]},
        "days": {"type": "integer", "minimum": 0, "maximum": 99},
    },
    "required": ["city", "days"],
    "additionalProperties": False,
}
"""Nothing in it can become long, or need an escape: random weights seldom come to an end, and write any sign."""
WEATHER: list[ChatCompletionToolParam] = [{"type": "function", "function": {"name": "weather", "parameters": PLACE}}]

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(900)]


def picture(seed: int = 0) -> str:
    """Return a picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (200, seed, 30)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def fields(text: str | None) -> set[str]:
    """Return the fields of an object. Behind one with spaces at its end, vLLM streams a brace of the call around it."""
    return set(json.JSONDecoder().raw_decode(text or "")[0])


def shown(url: str) -> list[ChatCompletionMessageParam]:
    parts: Any = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]
    return [{"role": "user", "content": parts}]


@pytest.fixture
async def client(vllm_server: Served) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=f"{vllm_server.url}/v1", api_key="none", max_retries=0, timeout=600, _strict_response_validation=True
    ) as made:
        yield made


async def test_it_chats(client: openai.AsyncOpenAI) -> None:
    said = await client.chat.completions.create(
        model=MODEL, messages=HELLO, max_completion_tokens=9, seed=1, n=2, logprobs=True, top_logprobs=3
    )
    assert said.usage is not None and said.usage.prompt_tokens > 5
    assert said.usage.completion_tokens <= 18
    assert [choice.index for choice in said.choices] == [0, 1]
    found = said.choices[0].logprobs
    assert found is not None and found.content is not None
    assert all(len(token.top_logprobs) >= 3 for token in found.content)


async def test_it_streams(client: openai.AsyncOpenAI) -> None:
    asked: dict[str, Any] = {"model": MODEL, "messages": HELLO, "max_tokens": 12, "temperature": 0}
    whole = await client.chat.completions.create(**asked)
    stream = await client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1])
    assert text == whole.choices[0].message.content
    assert not chunks[-1].choices and chunks[-1].usage is not None and whole.usage is not None
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens


async def test_its_answers_fit_a_schema(client: openai.AsyncOpenAI) -> None:
    form: Any = {"type": "json_schema", "json_schema": {"name": "place", "schema": PLACE, "strict": True}}
    asked = [
        client.chat.completions.create(
            model=MODEL, messages=HELLO, seed=seed, max_tokens=600, response_format=form, temperature=0.7
        )
        for seed in range(4)
    ]
    for said in await asyncio.gather(*asked):
        assert fields(said.choices[0].message.content) == {"city", "days"}


@pytest.mark.parametrize("is_stream", [False, True])
async def test_it_calls_tools(client: openai.AsyncOpenAI, is_stream: bool) -> None:
    asked: dict[str, Any] = {
        "model": MODEL,
        "messages": HELLO,
        "tools": WEATHER,
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
        "max_tokens": 600,
        "seed": 1,
    }
    if is_stream:
        async with client.chat.completions.stream(**asked) as stream:
            said = await stream.get_final_completion()
    else:
        said = await client.chat.completions.create(**asked)
    calls = said.choices[0].message.tool_calls
    assert calls is not None and len(calls) == 1
    call = calls[0]
    assert call.type == "function" and call.function.name == "weather"
    assert fields(call.function.arguments) == {"city", "days"}


async def test_it_sees_pictures_but_fetches_none(client: openai.AsyncOpenAI) -> None:
    seen = await client.chat.completions.create(
        model=MODEL, messages=shown(f"data:image/png;base64,{picture()}"), max_tokens=4
    )
    blind = await client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "What is it?"}], max_tokens=4
    )
    assert seen.usage is not None and blind.usage is not None
    assert seen.usage.prompt_tokens > blind.usage.prompt_tokens + 3
    with pytest.raises(openai.BadRequestError):
        await client.chat.completions.create(model=MODEL, messages=shown("http://127.0.0.1:9/cat.png"), max_tokens=4)


async def test_it_completes_texts_and_responds(client: openai.AsyncOpenAI) -> None:
    text = await client.completions.create(model=MODEL, prompt=["Once", "upon"], max_tokens=4, logprobs=2)
    assert len(text.choices) == 2
    response = await client.responses.create(model=MODEL, input="Hello", max_output_tokens=5)
    assert response.usage is not None and response.usage.output_tokens <= 5


async def test_what_it_cannot_do_is_told(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="4096"):
        await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "a b " * 6000}])
    with pytest.raises(openai.NotFoundError):
        await client.chat.completions.create(model="tyny", messages=HELLO)


async def test_ollamas_client_shows_it_a_picture(vllm_server: Served) -> None:
    async with ollama.AsyncClient(host=vllm_server.url) as client:
        options = {"num_predict": 6, "seed": 3, "top_k": 20, "temperature": 0.5}
        message = {"role": "user", "content": "Hello", "images": [picture(90)]}
        parts = [part async for part in await client.chat(MODEL, [message], options=options, stream=True)]
        assert parts[-1].done and (parts[-1].eval_count or 0) <= 6
        schema = await client.chat(MODEL, [{"role": "user", "content": "Hello"}], format=PLACE)
        assert fields(schema.message.content) == {"city", "days"}


async def test_a_client_that_leaves_frees_it(client: openai.AsyncOpenAI, vllm_server: Served) -> None:
    endless: dict[str, Any] = {"model": MODEL, "messages": HELLO, "max_tokens": 3000, "n": 8}
    stream = await client.chat.completions.create(**endless, stream=True, extra_body={"ignore_eos": True})
    await anext(aiter(stream))
    assert vllm_server.under_way() > 0
    await stream.close()
    left = time.perf_counter()
    await client.chat.completions.create(model=MODEL, messages=HELLO, max_tokens=1)
    assert vllm_server.under_way() == 0
    assert time.perf_counter() - left < 30, "all that was asked for takes minutes"


async def test_many_are_answered_at_once(client: openai.AsyncOpenAI) -> None:
    asked: dict[str, Any] = {"model": MODEL, "messages": HELLO, "max_tokens": 12, "temperature": 0}
    said = await asyncio.gather(*(client.chat.completions.create(**asked) for _ in range(8)))
    assert len({each.choices[0].message.content for each in said}) == 1


async def test_it_is_listed_and_counts(vllm_server: Served) -> None:
    async with httpx.AsyncClient(base_url=vllm_server.url) as http:
        listed = (await http.get(f"/v1/models/{MODEL}")).json()
        engines = (await http.get("/health/ready")).json()["engines"]
        used = (await http.get("/v1/usage")).json()
    assert (listed["type"], listed["max_context_length"]) == ("image-text-to-text", 4096)
    assert ("chat", "vllm") in [(engine["role"], engine["engine"]) for engine in engines]
    assert MODEL in str(used)


async def test_a_meeting_over_all_three(vllm_server: Served, speech: NDArray[np.float32]) -> None:
    async with httpx.AsyncClient(base_url=vllm_server.url, timeout=600) as http:
        id, said = await asyncio.gather(over(http, wav(speech)), chats(vllm_server.url))
        meeting: dict[str, Any] = (await http.get(f"/api/meetings/{id}")).json()
        transcript = (await http.get(f"/api/meetings/{id}/transcript")).json()
        summary = (await http.get(f"/api/meetings/{id}/summary")).json()
        status = (await http.get("/api/admin/status")).json()
    assert said == 100
    assert meeting["state"] == "done", str(meeting)
    assert {"canary", "pyannote"} <= {stage["engine"] for stage in meeting["stages"]}
    assert {utterance["speaker"] for utterance in transcript["utterances"]} >= {"S1", "S2"}
    assert all(word["end"] > word["start"] for each in transcript["utterances"] for word in each["words"])
    assert MODEL in str(summary), "it wrote the summary, or is named as the one who could not"
    ready = {each["key"] for each in status["engines"] if each["runtime"]["state"] == "ready"}
    assert {"canary", "pyannote", "vllm"} <= ready
