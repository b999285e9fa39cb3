"""Ollama's own client talks to providers that speak OpenAI's dialect, and to one that speaks its own."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import ollama
import pytest

from pipeline.engine_pool import EnginePool
from pipeline.gateway.providers import Model, Provider
from tests.api.v1.front import Front, front
from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio

HELLO = [{"role": "user", "content": "Hello there"}]
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAE="


@pytest.fixture(scope="module")
async def native() -> FakeProvider:
    return FakeProvider(["llama3:8b"])


@pytest.fixture(scope="module")
async def provider() -> FakeProvider:
    return FakeProvider(["tiny"])


@pytest.fixture(scope="module")
async def gateway(
    provider: FakeProvider, native: FakeProvider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Front]:
    pool = EnginePool()
    async with provider.running() as url, native.running() as other:
        providers = [
            Provider(url=url, type="vllm"),
            Provider(url=other, type="ollama"),
            Provider(url=url, models=("sdxl",), model_type="image-generation"),
        ]
        models = {"tiny": Model(aliases=("mistral",))}
        async with front(tmp_path_factory.mktemp("ollama"), providers, models, pool=pool) as made:
            yield made
    await pool.close()


@pytest.fixture
async def client(gateway: Front, provider: FakeProvider, native: FakeProvider) -> AsyncIterator[ollama.AsyncClient]:
    async with ollama.AsyncClient(host=gateway.url) as made:
        yield made
    provider.behave()
    native.behave()


@pytest.fixture
async def http(gateway: Front) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url) as made:
        yield made


async def test_a_chat(client: ollama.AsyncClient, provider: FakeProvider) -> None:
    said = await client.chat(
        "tiny", HELLO, options={"temperature": 0.1, "num_predict": 9, "seed": 3, "top_k": 5, "num_ctx": 4096}
    )
    assert (said.message.role, said.message.content) == ("assistant", "You said: Hello there")
    assert said.done and said.done_reason == "stop"
    assert (said.prompt_eval_count, said.eval_count) == (3, 4)
    assert said.total_duration is not None and said.total_duration > 0
    expected = {"temperature": 0.1, "max_tokens": 9, "seed": 3, "top_k": 5}
    assert {name: provider.last()[name] for name in expected} == expected


async def test_a_stream_is_lines(client: ollama.AsyncClient, http: httpx.AsyncClient) -> None:
    parts = [part async for part in await client.chat("mistral", HELLO, stream=True)]
    assert "".join(part.message.content or "" for part in parts) == "You said: Hello there"
    assert [part.done for part in parts] == [False] * 4 + [True]
    assert parts[-1].eval_count == 4
    answer = await http.post("/api/chat", json={"model": "tiny", "messages": HELLO})
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [line["model"] for line in map(msgspec.json.decode, answer.content.splitlines())] == ["tiny"] * 5


@pytest.mark.parametrize("is_stream", [False, True])
async def test_tools_are_called(client: ollama.AsyncClient, provider: FakeProvider, is_stream: bool) -> None:
    def weather(city: str) -> str:
        """Tell the weather."""
        return city

    if is_stream:
        parts = [part async for part in await client.chat("tiny", HELLO, tools=[weather], stream=True)]
        calls = [call for part in parts for call in part.message.tool_calls or ()]
    else:
        calls = list((await client.chat("tiny", HELLO, tools=[weather])).message.tool_calls or ())
    assert [(call.function.name, dict(call.function.arguments)) for call in calls] == [("weather", {"city": "Paris"})]
    more: list[dict[str, Any]] = [
        *HELLO,
        {"role": "assistant", "content": "", "tool_calls": [call.model_dump() for call in calls]},
        {"role": "tool", "tool_name": "weather", "content": "Sun"},
    ]
    assert (await client.chat("tiny", more, tools=[weather])).message.content == "You said: Sun"
    sent = provider.last()["messages"]
    assert sent[2]["tool_call_id"] == sent[1]["tool_calls"][0]["id"]


async def test_schemas_pictures_and_thought(client: ollama.AsyncClient, provider: FakeProvider) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    said = await client.chat("tiny", HELLO, format=schema, think="low")
    assert said.message.content == '{"city":"Paris"}'
    assert provider.last()["reasoning_effort"] == "low"
    await client.chat("tiny", [{"role": "user", "content": "What?", "images": [PNG]}], format="json")
    assert provider.last()["messages"][0]["content"][1]["image_url"]["url"] == f"data:image/png;base64,{PNG}"
    assert provider.last()["response_format"] == {"type": "json_object"}


async def test_a_text_is_gone_on_with(client: ollama.AsyncClient, provider: FakeProvider) -> None:
    said = await client.generate("tiny", "Hello there", system="Be brief.")
    assert said.response == "You said: Hello there"
    assert [each["role"] for each in provider.last()["messages"]] == ["system", "user"]
    parts = [part async for part in await client.generate("tiny", "Hello there", stream=True)]
    assert "".join(part.response or "" for part in parts) == "You said: Hello there"
    raw = await client.generate("tiny", "Hello there", raw=True)
    assert (raw.response, provider.asked[-1][0]) == ("You said: Hello there", "/v1/completions")
    parts = [part async for part in await client.generate("tiny", "Hello", suffix="end", stream=True)]
    assert "".join(part.response or "" for part in parts) == "You said: Hello "


async def test_its_own_dialect_passes_through(client: ollama.AsyncClient, native: FakeProvider) -> None:
    parts = [part async for part in await client.chat("llama3:8b", HELLO, stream=True, options={"num_ctx": 99})]
    assert "".join(part.message.content or "" for part in parts) == "Llama heard: Hello there "
    path, sent = native.asked[-1]
    assert (path, sent["options"]) == ("/api/chat", {"num_ctx": 99})
    said = await client.chat("llama3:8b", HELLO, keep_alive=0)
    assert said.eval_count == 4
    assert native.last()["keep_alive"] == 0


async def test_texts_become_vectors(client: ollama.AsyncClient) -> None:
    said = await client.embed("minilm", ["hello", "goodbye"])
    assert [len(vector) for vector in said.embeddings] == [384, 384]
    assert said.prompt_eval_count == 2
    assert len((await client.embed("minilm:latest", "hello", dimensions=32)).embeddings[0]) == 32
    assert len((await client.embeddings("minilm", "hello")).embedding) == 384


async def test_what_is_served_is_listed(client: ollama.AsyncClient, http: httpx.AsyncClient) -> None:
    found = [model.model for model in (await client.list()).models]
    assert found == ["llama3:8b", "minilm", "mistral", "sentence-transformers/all-MiniLM-L6-v2", "tiny"]
    tags = (await http.get("/api/tags")).json()["models"]
    assert all(tag["name"] == tag["model"] and tag["details"]["family"] and tag["digest"] for tag in tags)
    assert [model.model for model in (await client.ps()).models] == found
    assert (await client.show("minilm")).capabilities == ["embedding"]
    assert (await client.show("tiny")).modelinfo == {
        "general.architecture": "parley",
        "general.basename": "tiny",
        "parley.context_length": 8192,
    }
    assert all(part.isdigit() for part in (await http.get("/api/version")).json()["version"].split("."))
    both = (await http.get("/api/models")).json()
    assert {model["id"] for model in both["data"]} >= {tag["name"] for tag in both["models"]}


async def test_nothing_said_loads_or_lets_go(http: httpx.AsyncClient) -> None:
    loaded = (await http.post("/api/generate", json={"model": "tiny"})).json()
    assert (loaded["done"], loaded["done_reason"]) == (True, "load")
    gone = (await http.post("/api/chat", json={"model": "tiny", "messages": [], "keep_alive": 0})).json()
    assert gone["done_reason"] == "unload"


async def test_pictures_are_made(http: httpx.AsyncClient) -> None:
    assert (await http.post("/api/images/generations", json={"prompt": "a cat"})).json()["data"][0]["b64_json"]


async def test_a_stream_that_breaks_off_ends_with_a_line(client: ollama.AsyncClient, provider: FakeProvider) -> None:
    provider.dies_after = 3
    with pytest.raises(ollama.ResponseError, match="broke off"):
        async for _ in await client.chat("tiny", HELLO, stream=True):
            pass


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/chat", {"model": "tinny", "messages": HELLO}, 404),
        ("/api/chat", {"messages": HELLO}, 400),
        ("/api/chat", {"model": "tiny", "messages": "Hello"}, 400),
        ("/api/chat", {"model": "minilm", "messages": HELLO}, 400),
        (
            "/api/chat",
            {"model": "tiny", "messages": [{"role": "user", "content": "x", "images": ["http://10.0.0.1"]}]},
            400,
        ),
        ("/api/chat", {"model": "tiny", "messages": [{"role": "tool", "content": "x"}]}, 400),
        ("/api/generate", {"model": "tiny", "prompt": "x", "format": "xml"}, 400),
        ("/api/embed", {"model": "minilm", "input": ["x"] * 10_000}, 400),
        ("/api/embed", {"model": "minilm"}, 400),
        ("/api/show", {"model": "other"}, 404),
        ("/api/show", {}, 400),
    ],
)
async def test_errors_are_told_in_its_shape(http: httpx.AsyncClient, path: str, body: Any, status: int) -> None:
    answer = await http.post(path, json=body)
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    assert len(answer.json()["error"]) > 10


async def test_a_refusal_of_the_provider_is_told(client: ollama.AsyncClient, provider: FakeProvider) -> None:
    provider.refuses, provider.says = 400, b'{"error": {"message": "Too long."}}'
    with pytest.raises(ollama.ResponseError, match="Too long") as refused:
        await client.chat("tiny", HELLO)
    assert refused.value.status_code == 400
