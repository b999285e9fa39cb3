"""A Parley without engines in front of one that has them."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import openai
import pytest

from pipeline.engine_pool import EnginePool
from pipeline.gateway.providers import Provider
from tests.api.v1.conftest import openai_client
from tests.api.v1.front import Front, front
from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def outer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Front]:
    pool, provider = EnginePool(), FakeProvider(["tiny"])
    async with (
        provider.running() as url,
        front(tmp_path_factory.mktemp("inner"), [Provider(url=url, type="vllm")], pool=pool) as inner,
        front(tmp_path_factory.mktemp("outer"), [Provider(url=inner.url, type="parley", name="inner")]) as made,
    ):
        yield made
    await pool.close()


async def test_it_offers_what_the_other_has_with_what_it_does(outer: Front) -> None:
    found = {name: route.type for name, route in outer.board.directory.names().items()}
    assert found["tiny"] == "text-generation"
    assert found["minilm"] == "text-embeddings-inference"
    assert found["minilm-rerank"] == "text-classification"


async def test_it_answers_like_the_other(outer: Front, tmp_path: Path) -> None:
    async with openai_client(outer) as client:
        stream = await client.chat.completions.create(
            model="tiny", messages=[{"role": "user", "content": "Hello"}], stream=True
        )
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == "You said: Hello"
        said = await client.embeddings.create(model="minilm", input=["hello"], encoding_format="float")
        assert len(said.data[0].embedding) == 384
        assert (await client.responses.create(model="tiny", input="Hello")).output_text == "You said: Hello"
        with pytest.raises(openai.BadRequestError, match="1 to 384"):
            await client.embeddings.create(model="minilm", input="x", dimensions=999)


async def test_it_ranks_like_the_other(outer: Front) -> None:
    async with httpx.AsyncClient(base_url=outer.url) as http:
        answer = await http.post(
            "/v1/rerank", json={"query": "cats", "documents": ["dogs bark", "cats purr"], "top_n": 1}
        )
    assert [each["index"] for each in answer.json()["results"]] == [1]
