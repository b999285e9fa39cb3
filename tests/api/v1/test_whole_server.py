"""The gateway in the real server, behind its doors, before any model is loaded."""

from collections.abc import AsyncIterator

import httpx
import openai
import pytest

from api.app import app_of, parts_of
from api.listen import free_place, listening
from api.settings import Settings
from pipeline.gateway.providers import Provider
from tests.api.v1.upstream import FakeProvider
from tests.pipeline.toy_server import toy_steps

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    provider = FakeProvider()
    async with provider.running() as url:
        settings = Settings(
            data=tmp_path_factory.mktemp("whole"),
            chat=url,
            providers=(Provider(url="http://127.0.0.1:1", name="away", models=("gone",)),),
        )
        parts = parts_of(settings, toy_steps)
        app = app_of(parts)
        host, port = free_place("127.0.0.1", 0)
        async with app.lifespan(), listening(app, host, port, parts.closing):
            yield f"http://{host}:{port}"


async def test_it_chats_and_embeds(served: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{served}/v1", api_key="none") as client:
        said = await client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": "Hello"}])
        assert said.choices[0].message.content == "You said: Hello"
        assert len((await client.embeddings.create(model="minilm", input="hello")).data[0].embedding) == 384
        assert "minilm-rerank" in [model.id async for model in client.models.list()]


async def test_health_names_the_providers(served: str) -> None:
    async with httpx.AsyncClient(base_url=served) as http:
        found = (await http.get("/health/ready")).json()["providers"]
    assert [(each["name"], each["ready"]) for each in found] == [("chat", True), ("away", False)]
    assert "127.0.0.1" not in str(found)


async def test_routes_of_both_dialects_are_there(served: str) -> None:
    async with httpx.AsyncClient(base_url=served) as http:
        for path in (
            "/api/tags",
            "/api/ps",
            "/api/version",
            "/api/models",
            "/v1/models",
            "/v1/models/tiny",
            "/v1/usage",
        ):
            assert (await http.get(path)).status_code == 200, path
        for path in ("/rerank", "/v1/rerank", "/v2/rerank", "/score", "/v1/score", "/api/chat", "/api/show"):
            assert (await http.post(path, json={})).status_code == 400, path


async def test_with_keys_nobody_comes_in_without(served: str) -> None:
    base = served
    async with httpx.AsyncClient(base_url=base) as http:
        admin = (await http.post("/api/keys", json={"name": "root", "role": "admin"})).json()
        bearer = {"Authorization": f"Bearer {admin['key']}"}
        reader = (await http.post("/api/keys", json={"name": "reader", "role": "read"}, headers=bearer)).json()
    async with openai.AsyncOpenAI(base_url=f"{base}/v1", api_key="wrong", max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError):
            await stranger.models.list()
    async with openai.AsyncOpenAI(base_url=f"{base}/v1", api_key=reader["key"], max_retries=0) as reads:
        assert [model.id async for model in reads.models.list()]
        with pytest.raises(openai.PermissionDeniedError):
            await reads.embeddings.create(model="minilm", input="x")
    async with openai.AsyncOpenAI(base_url=f"{base}/v1", api_key=admin["key"]) as client:
        assert (await client.embeddings.create(model="minilm", input="hello")).usage.total_tokens == 1
    async with httpx.AsyncClient(base_url=base, headers=bearer) as http:
        rows = (await http.get("/v1/usage")).json()["data"]
    assert {(row["key"], row["model"]) for row in rows} >= {(admin["id"], "sentence-transformers/all-MiniLM-L6-v2")}
