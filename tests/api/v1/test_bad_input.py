"""Whatever is sent, the answer is an error in OpenAI's shape that says what is wrong; the provider never sees it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.api.served import served
from tests.api.v1.front import Front
from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio

CHAT = "/v1/chat/completions"
HELLO = [{"role": "user", "content": "Hello"}]
DEEP = b'{"model": "tiny", "messages": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
PRIVATE = (
    "http://127.0.0.1/x",
    "http://localhost:9000/",
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1/x",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[fd00::1]/",
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://127.1/",
    "http://metadata.internal/",
    "http://minio/x",
    "http://user@192.168.0.1/",
    "http://１２７.0.0.1/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[fec0::1]/",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.%31/",
    "http://127.0.0.1%2f.example.com/",
    "http://127.0.0.1\\@example.com/",
    "http://127.0.0.1\\.example.com/",
    "http://metadata.google.internal\u3002/",
    "http://foo.loc\u00adal/",
    "http://127\u30020.0.1/",
    "http://127.0.0.1\u200b.example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
)


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole server."""
    async with served(tmp_path) as started:
        yield started.client


def error_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the error of an answer that has OpenAI's shape."""
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()["error"]
    assert set(told) == {"message", "type", "param", "code"}
    assert told["message"] and told["type"]
    return told


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"nonsense", "no JSON"),
        (b"[]", "JSON object"),
        (b"null", "JSON object"),
        (b'{"model": "tiny", "messages": [}', "no JSON"),
        (b'{"model": "tiny", "messages": [{"content": "\xff"}]}', "UTF-8"),
        (DEEP, "deep"),
        (b'{"messages": []}', "model is required"),
        (b'{"model": 5, "messages": []}', "model is wrong"),
        (b'{"model": null, "messages": []}', "model is required"),
        (b'{"model": "tiny"}', "messages is required"),
        (b'{"model": "tiny", "messages": "Hello"}', "messages is required"),
        (b'{"model": "tiny", "messages": [], "stream": "yes"}', "stream is wrong"),
        (b'{"model": "tiny", "messages": [], "stream": true, "stream_options": 5}', "stream_options is wrong"),
        (b'{"model": "minilm", "messages": []}', "turns texts into vectors"),
    ],
)
async def test_a_body_that_makes_no_sense(
    http: httpx.AsyncClient, provider: FakeProvider, body: bytes, says: str
) -> None:
    told = error_of(await http.post(CHAT, content=body), 400)
    assert says in told["message"]
    assert told["type"] == "invalid_request_error"
    assert not provider.asked


@pytest.mark.parametrize("path", [CHAT, "/v1/completions", "/v1/responses", "/v1/embeddings", "/v1/rerank", "/rerank"])
async def test_an_unknown_model_names_near_ones(http: httpx.AsyncClient, path: str) -> None:
    asked = {"messages": HELLO, "prompt": "x", "input": "x", "query": "x", "documents": ["x"]}
    name = "minilm-rerenk" if "rerank" in path else "minylm" if "emb" in path else "tinny"
    told = error_of(await http.post(path, json={"model": name, **asked}), 404)
    assert told["code"] == "model_not_found"
    assert "Did you mean" in told["message"]


async def test_a_model_cannot_carry_a_header(http: httpx.AsyncClient, provider: FakeProvider) -> None:
    told = error_of(await http.post(CHAT, json={"model": "tiny\r\nX-Evil: 1", "messages": HELLO}), 404)
    assert "\r\n" not in told["message"]
    await http.post(CHAT, json={"model": "tiny", "messages": HELLO, "user": "a\r\nX-Evil: 1"})
    assert b"X-Evil" not in provider.headers[-1]


@pytest.mark.parametrize("address", PRIVATE)
async def test_private_addresses_go_no_further(http: httpx.AsyncClient, provider: FakeProvider, address: str) -> None:
    parts = [{"type": "image_url", "image_url": {"url": address}}]
    told = error_of(
        await http.post(CHAT, json={"model": "tiny", "messages": [{"role": "user", "content": parts}]}), 400
    )
    assert told["param"] == "messages"
    parts = [{"type": "input_image", "image_url": address}]
    asked = {"model": "tiny", "input": [{"role": "user", "content": parts}]}
    assert error_of(await http.post("/v1/responses", json=asked), 400)["param"] == "input"
    assert not provider.asked


async def test_an_escaped_name_hides_no_address(http: httpx.AsyncClient) -> None:
    part = rb'{"type": "image_url", "image\u005furl": {"url": "http:\/\/10.0.0.1/"}}'
    body = b'{"model": "tiny", "messages": [{"role": "user", "content": [' + part + b"]}]}"
    error_of(await http.post(CHAT, content=body), 400)


async def test_text_may_speak_of_addresses(http: httpx.AsyncClient) -> None:
    said = [{"role": "user", "content": 'Look: {"image_url": "http://10.0.0.1/"} \u00e9'}]
    assert (await http.post(CHAT, json={"model": "tiny", "messages": said})).status_code == 200


async def test_a_hundred_megabytes_are_refused(http: httpx.AsyncClient, provider: FakeProvider) -> None:
    async def much() -> Any:
        for _ in range(100):
            yield b" " * 2**20

    told = error_of(await http.post(CHAT, content=much()), 413)
    assert told["code"] == "request_too_large"
    assert not provider.asked


async def test_twenty_megabytes_pass(http: httpx.AsyncClient, provider: FakeProvider) -> None:
    picture = "data:image/png;base64," + "A" * 20_000_000
    parts = [{"type": "image_url", "image_url": {"url": picture}}]
    answer = await http.post(CHAT, json={"model": "tiny", "messages": [{"role": "user", "content": parts}]})
    assert answer.status_code == 200
    assert provider.last()["messages"][0]["content"][0]["image_url"]["url"] == picture


@pytest.mark.parametrize("model", ["minilm", "tiny-embed"])
async def test_ten_thousand_inputs_are_refused(http: httpx.AsyncClient, provider: FakeProvider, model: str) -> None:
    told = error_of(await http.post("/v1/embeddings", json={"model": model, "input": ["x"] * 10_000}), 400)
    assert told["param"] == "input"
    told = error_of(await http.post("/v1/rerank", json={"query": "x", "documents": ["x"] * 10_000}), 400)
    assert told["param"] == "documents"
    assert not provider.asked


async def test_an_over_long_text_is_refused(http: httpx.AsyncClient) -> None:
    told = error_of(await http.post("/v1/embeddings", json={"model": "minilm", "input": "word " * 9_000}), 400)
    assert "8192" in told["message"]


async def test_a_wrong_method_is_told(http: httpx.AsyncClient) -> None:
    answer = await http.get(CHAT)
    assert error_of(answer, 405)["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "POST"


async def test_an_address_that_is_not_there_has_the_shape(whole: httpx.AsyncClient) -> None:
    for path in ("/v1/audio/speech", "/v1/nothing", "/v1/assistants/x"):
        assert error_of(await whole.post(path, json={}), 404)["code"] == "not_found"
        assert error_of(await whole.get(path), 404)["type"] == "invalid_request_error"
    assert set((await whole.post("/api/nothing", json={})).json()) == {"type", "title", "status", "detail"}


async def test_what_a_provider_says_has_the_shape(http: httpx.AsyncClient, provider: FakeProvider) -> None:
    for says, message in (
        (b'{"object": "error", "message": "Too long.", "code": 400}', "Too long."),
        (b'{"error": "Too long.", "error_type": "Validation"}', "Too long."),
        (b'{"detail": [{"msg": "Too long."}]}', '[{"msg":"Too long."}]'),
        (b"<html>", "The provider answered 400 without a word."),
    ):
        provider.refuses, provider.says = 400, says
        told = error_of(await http.post(CHAT, json={"model": "tiny", "messages": HELLO}), 400)
        assert told["message"] == message
    whole = b'{"error": {"message": "No.", "type": "x", "param": "messages", "code": "context_length_exceeded"}}'
    provider.says = whole
    assert (await http.post(CHAT, json={"model": "tiny", "messages": HELLO})).content == whole


async def test_openai_reads_our_errors(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="model is wrong"):
        await client.chat.completions.create(model=5, messages=[])  # type: ignore[call-overload]


async def test_a_client_that_leaves_in_its_body_harms_nobody(gateway: Front, http: httpx.AsyncClient) -> None:
    host, port = gateway.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await http.post(CHAT, json={"model": "tiny", "messages": HELLO})).status_code == 200
