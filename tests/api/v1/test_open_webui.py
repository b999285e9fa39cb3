"""Open WebUI's sequence of requests works against the whole server, in either dialect."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from api.app import app_of, parts_of
from api.listen import free_place, listening
from api.settings import Settings
from pipeline.gateway.providers import Provider
from tests.api.v1.open_webui import CHAT_ID, OLLAMA, OPENAI, USER, Sent, chunks_of
from tests.api.v1.upstream import FakeProvider
from tests.pipeline.toy_server import toy_steps

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def http(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key, as Open WebUI is given one; the first key of a server is an admin's."""
    async with FakeProvider(["tiny"]).running() as url:
        settings = Settings(data=tmp_path_factory.mktemp("webui"), providers=(Provider(url=url, type="vllm"),))
        parts = parts_of(settings, toy_steps)
        app = app_of(parts)
        host, port = free_place("127.0.0.1", 0)
        async with app.lifespan(), listening(app, host, port, parts.closing):
            base = f"http://{host}:{port}"
            async with httpx.AsyncClient(base_url=base, timeout=60) as client:
                key = (await client.post("/api/keys", json={"name": "webui", "role": "admin"})).json()["key"]
                client.headers.update({"Authorization": f"Bearer {key}", **USER})
                yield client


@pytest.fixture(scope="module")
def speech(endgame: Path) -> bytes:
    return endgame.read_bytes()


@pytest.mark.parametrize("sent", OPENAI, ids=[f"{number}-{each.what}" for number, each in enumerate(OPENAI)])
async def test_as_a_server_of_openai(http: httpx.AsyncClient, speech: bytes, sent: Sent) -> None:
    answer = await said(http, sent, speech)
    body = answer.content
    if sent.status != 200:
        # It shows what `error` says.
        assert msgspec.json.decode(body)["error"]["message"]
    elif sent.path == "/v1/models":
        data = answer.json()["data"]
        assert {each["id"] for each in data} >= {"tiny", "minilm"}
        assert all(each.get("name") is not None for each in data if "name" in each)
    elif sent.form is not None:
        # toy stages hear the same words in everything
        assert answer.json()["text"]
    elif sent.body.get("stream"):
        chunks = chunks_of(body)
        assert all("choices" in chunk for chunk in chunks)
        assert chunks[-1]["usage"]["completion_tokens"] > 0
        assert answer.headers["content-type"].startswith("text/event-stream")
    elif sent.path == "/v1/chat/completions":
        assert answer.json()["choices"][0]["message"]["content"]
    else:
        assert len(answer.json().get("data") or answer.json()["results"]) == 2


@pytest.mark.parametrize("sent", OLLAMA, ids=[f"{number}-{each.what}" for number, each in enumerate(OLLAMA)])
async def test_as_an_ollama_server(http: httpx.AsyncClient, speech: bytes, sent: Sent) -> None:
    answer = await said(http, sent, speech)
    if sent.path == "/api/version":
        assert all(part.isdigit() for part in answer.json()["version"].split("."))
    elif sent.path in ("/api/tags", "/api/ps"):
        assert {each["model"] for each in answer.json()["models"]} >= {"tiny", "minilm"}
        assert all(each["name"] == each["model"] and each["details"] for each in answer.json()["models"])
    elif sent.path in ("/api/chat", "/api/generate"):
        lines: list[Any] = [msgspec.json.decode(line) for line in answer.content.splitlines()]
        assert lines[-1]["done"] is True
        assert not any(line["done"] for line in lines[:-1])
        assert "done_reason" in lines[-1]
    elif sent.path.startswith("/api/embed"):
        assert len((answer.json().get("embeddings") or [answer.json()["embedding"]])[0]) == 384
    else:
        assert answer.content


async def said(http: httpx.AsyncClient, sent: Sent, recording: bytes) -> httpx.Response:
    if sent.form is not None:
        files = {"file": ("speech.wav", recording, "audio/wav")}
        answer = await http.post(sent.path, data=sent.form, files=files)
    elif sent.method == "GET":
        answer = await http.get(sent.path, headers={"Content-Type": "application/json"})
    else:
        answer = await http.post(sent.path, json=sent.body, headers=CHAT_ID)
    assert answer.status_code == sent.status, answer.text
    return answer
