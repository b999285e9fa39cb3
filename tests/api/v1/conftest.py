"""Fixtures: one gateway in front of one provider for all tests of a file, and clients of it."""

from collections.abc import AsyncIterator, Iterator

import httpx
import openai
import pytest

from pipeline.engine_pool import EnginePool
from pipeline.gateway.providers import Model, Provider
from tests.api.v1.front import Front, front
from tests.api.v1.upstream import FakeProvider

RERANKER, PAINTER = "bge-reranker", "sdxl"


@pytest.fixture(scope="module")
async def provider() -> FakeProvider:
    return FakeProvider(["tiny", "tiny-embed"])


@pytest.fixture(scope="module")
async def gateway(provider: FakeProvider, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Front]:
    async with provider.running() as url:
        providers = [
            Provider(url=url, type="vllm", name="main"),
            Provider(url=url, type="tei", models=(RERANKER,), model_type="text-classification"),
            Provider(url=url, models={PAINTER: "stable-diffusion-xl"}, model_type="image-generation"),
            Provider(url=url, models={"capped": "tiny"}),
        ]
        models = {"tiny": Model(aliases=("gpt-4o",)), "capped": Model(max_tokens=3)}
        pool = EnginePool()
        async with front(tmp_path_factory.mktemp("gateway"), providers, models, pool=pool) as started:
            yield started
        await pool.close()


@pytest.fixture(scope="module")
async def client(gateway: Front) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai_client(gateway) as made:
        yield made


@pytest.fixture(scope="module")
async def http(gateway: Front) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as made:
        yield made


@pytest.fixture(autouse=True)
def well(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the provider forget what a test made it do."""
    yield
    if "provider" in request.fixturenames:
        found: FakeProvider = request.getfixturevalue("provider")
        found.behave()


def openai_client(gateway: Front, key: str = "none", retries: int = 0) -> openai.AsyncOpenAI:
    """Return OpenAI's own client, which refuses answers that do not fit its shapes."""
    return openai.AsyncOpenAI(
        base_url=f"{gateway.url}/v1", api_key=key, max_retries=retries, _strict_response_validation=True
    )
