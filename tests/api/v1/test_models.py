"""What is served is listed, under every name, with what it does."""

import base64

import httpx
import openai
import pytest

from tests.api.v1.conftest import PAINTER, RERANKER
from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio


async def test_models_are_listed_under_every_name(client: openai.AsyncOpenAI) -> None:
    found = {model.id: model.to_dict() for model in (await client.models.list()).data}
    assert {name: model["type"] for name, model in found.items()} == {
        "tiny": "text-generation",
        "gpt-4o": "text-generation",
        "capped": "text-generation",
        "tiny-embed": "text-embeddings-inference",
        "sentence-transformers/all-MiniLM-L6-v2": "text-embeddings-inference",
        "minilm": "text-embeddings-inference",
        "minilm-rerank": "text-classification",
        RERANKER: "text-classification",
        PAINTER: "image-generation",
    }
    assert found["gpt-4o"]["root"] == "tiny"
    assert found["tiny"]["max_context_length"] == 8192
    assert "bi-encoder" in str(found["minilm-rerank"]["description"]).lower()


async def test_one_model_is_told(client: openai.AsyncOpenAI) -> None:
    assert (await client.models.retrieve("tiny")).owned_by == "fake"
    assert (await client.models.retrieve("sentence-transformers/all-MiniLM-L6-v2")).owned_by == "parley"
    with pytest.raises(openai.NotFoundError) as refused:
        await client.models.retrieve("tinny")
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")
    assert "Did you mean tiny" in refused.value.message


async def test_models_are_only_read(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/models", json={})
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("model", [PAINTER, None])
async def test_pictures_are_made(client: openai.AsyncOpenAI, provider: FakeProvider, model: str | None) -> None:
    said = await client.images.generate(prompt="a cat", model=model, n=1)
    assert said.data is not None and base64.b64decode(said.data[0].b64_json or "") == b"a cat"
    assert provider.last()["model"] == "stable-diffusion-xl"
