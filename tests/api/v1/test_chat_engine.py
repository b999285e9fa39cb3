"""A chat engine of our own is a provider like any other: models, usage, cancelling, errors, health."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import ollama
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from api.app import app_of, parts_of
from api.listen import free_place, listening
from api.settings import Settings, load
from pipeline.engine_pool import Choice
from tests.pipeline.toy_server import toy_steps

pytestmark = pytest.mark.anyio

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello over there"}]
TOY = "tests.api.v1.toy_chat:ToyChat"


@asynccontextmanager
async def server(folder: Path, **options: Any) -> AsyncIterator[tuple[str, Any]]:
    """Start the real server with the toy; yield its address and the toy."""
    settings = load(None, {"PARLEY_DATA": str(folder), "PARLEY_ENGINES__CHAT__ENGINE": TOY} | _environment(options))
    parts = parts_of(settings, toy_steps)
    app = app_of(parts)
    host, port = free_place("127.0.0.1", 0)
    async with app.lifespan(), listening(app, host, port, parts.closing):
        yield f"http://{host}:{port}", parts.pool.host("chat").engine


def _environment(options: dict[str, Any]) -> dict[str, str]:
    return {f"PARLEY_ENGINES__CHAT__OPTIONS__{name.upper()}": str(value) for name, value in options.items()}


def client_of(base: str) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{base}/v1", api_key="none", max_retries=0, _strict_response_validation=True)


async def test_it_chats_is_listed_and_counted(tmp_path: Path) -> None:
    async with server(tmp_path) as (base, _), client_of(base) as client, httpx.AsyncClient(base_url=base) as http:
        said = await client.chat.completions.create(model="toy", messages=HELLO)
        assert said.choices[0].message.content == "Hello over there"
        stream = await client.chat.completions.create(model="toy", messages=HELLO, stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == "Hello over there "
        listed = (await http.get("/v1/models/toy")).json()
        assert (listed["type"], listed["max_context_length"]) == ("text-generation", 99)
        async with ollama.AsyncClient(host=base) as other:
            answer = await other.chat("toy", [{"role": "user", "content": "Hello"}])
            assert (answer.message.content, answer.eval_count) == ("Hello", 1)
        engines = {each["role"]: each for each in (await http.get("/health/ready")).json()["engines"]}
        assert (engines["chat"]["engine"], engines["chat"]["state"]) == (TOY, "ready")
        rows = {row["model"]: row for row in (await http.get("/v1/usage")).json()["data"]}
        assert rows == {} or rows["toy"]["requests"] == 3


async def test_what_it_cannot_honour_is_refused_in_its_words(tmp_path: Path) -> None:
    async with server(tmp_path) as (base, _), client_of(base) as client:
        with pytest.raises(openai.BadRequestError, match="No colours") as refused:
            await client.chat.completions.create(model="toy", messages=HELLO, extra_body={"colour": "red"})
        assert refused.value.param == "colour"
        with pytest.raises(openai.NotFoundError, match="Did you mean toy"):
            await client.chat.completions.create(model="toyy", messages=HELLO)


async def test_one_that_died_is_loaded_again_by_the_next_request(tmp_path: Path) -> None:
    async with server(tmp_path) as (base, toy), client_of(base) as client:
        await client.chat.completions.create(model="toy", messages=HELLO)
        toy.is_dead = True
        said = await asyncio.gather(*(client.chat.completions.create(model="toy", messages=HELLO) for _ in range(2)))
        assert [each.choices[0].message.content for each in said] == ["Hello over there"] * 2
        assert toy.loads == 2


async def test_ollamas_clients_let_go_of_it(tmp_path: Path) -> None:
    async with server(tmp_path) as (base, toy), ollama.AsyncClient(host=base) as client:
        said = [{"role": "user", "content": "Hello"}]
        for loads in (1, 2, 3):
            assert (await client.chat("toy", said)).message.content == "Hello"
            assert toy.loads == loads
            if loads == 1:
                await client.chat("toy", said, keep_alive=0)
            elif loads == 2:
                assert [part async for part in await client.chat("toy", said, keep_alive=0, stream=True)][-1].done
            else:
                await client.chat("toy", [], keep_alive=0)
            assert await asyncio.to_thread(toy.unloaded.wait, 10)
            toy.unloaded.clear()


async def test_a_client_that_leaves_breaks_it_off_at_once(tmp_path: Path) -> None:
    async with server(tmp_path, pause_seconds=0.02) as (base, toy), client_of(base) as client:
        long: list[ChatCompletionMessageParam] = [{"role": "user", "content": "word " * 3000}]
        stream = await client.chat.completions.create(model="toy", messages=long, stream=True)
        await anext(aiter(stream))
        left = time.perf_counter()
        await stream.close()
        assert await asyncio.to_thread(toy.stopped.wait, 10)
        assert toy.stopped_at - left < 0.25


async def test_an_engine_that_breaks_ends_the_stream_with_an_error(tmp_path: Path) -> None:
    async with server(tmp_path, breaks_at=1) as (base, _), client_of(base) as client:
        stream = await client.chat.completions.create(model="toy", messages=HELLO, stream=True)
        with pytest.raises(openai.APIError, match="The toy fell down"):
            async for _ in stream:
                pass


async def test_an_engine_that_is_not_installed_says_how_to_get_it(tmp_path: Path) -> None:
    async with server(tmp_path, installed=False) as (base, _), client_of(base) as client:
        with pytest.raises(openai.InternalServerError, match="pip install toybox") as refused:
            await client.chat.completions.create(model="toy", messages=HELLO)
        assert refused.value.status_code == 503


async def test_without_an_engine_one_sentence_says_how_to_get_one(tmp_path: Path) -> None:
    parts = parts_of(Settings(data=tmp_path), toy_steps)
    app = app_of(parts)
    host, port = free_place("127.0.0.1", 0)
    async with app.lifespan(), listening(app, host, port, parts.closing), client_of(f"http://{host}:{port}") as client:
        with pytest.raises(openai.InternalServerError, match=r"chat = .*\.gguf") as refused:
            await client.chat.completions.create(model="toy", messages=HELLO)
        assert refused.value.status_code == 503


def test_a_file_is_one_line(tmp_path: Path) -> None:
    for named in ("models/some.gguf", str(tmp_path)):
        settings = load(None, {"PARLEY_CHAT": named})
        assert settings.all_providers() == []
        assert settings.engine_choices()["chat"] == Choice(engine="llama_cpp", options={"file": named})
    assert "chat" not in load(None, {"PARLEY_CHAT": "http://127.0.0.1:11434"}).engine_choices()
