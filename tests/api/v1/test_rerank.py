"""Clients of three dialects rank, by a bi-encoder here and by providers of two dialects."""

from typing import Any

import httpx
import pytest

from tests.api.v1.conftest import RERANKER
from tests.api.v1.upstream import FakeProvider

pytestmark = pytest.mark.anyio

QUERY = "Which city is the capital of France?"
DOCUMENTS = ["Bananas are yellow.", "Paris is the capital of France.", "Berlin lies in Germany."]


async def ask(http: httpx.AsyncClient, path: str, **body: Any) -> Any:
    answer = await http.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank", "/rerank"])
async def test_jina_and_cohere(http: httpx.AsyncClient, path: str) -> None:
    said = await ask(http, path, model="minilm-rerank", query=QUERY, documents=DOCUMENTS, top_n=2)
    assert [each["index"] for each in said["results"]] == [1, 2]
    assert said["results"][0]["document"] == {"text": DOCUMENTS[1]}
    assert 0 <= said["results"][1]["relevance_score"] < said["results"][0]["relevance_score"] <= 1
    assert said["model"] == "minilm-rerank"
    assert said["usage"]["total_tokens"] > 10
    assert said["id"]


async def test_documents_may_have_fields_and_may_stay_away(http: httpx.AsyncClient) -> None:
    fields = [{"text": text, "title": "x"} for text in DOCUMENTS]
    said = await ask(http, "/v1/rerank", query=QUERY, documents=fields, return_documents=False)
    assert [each["index"] for each in said["results"]] == [1, 2, 0]
    assert "document" not in said["results"][0]


async def test_tei(http: httpx.AsyncClient) -> None:
    said = await ask(http, "/rerank", query=QUERY, texts=DOCUMENTS, raw_scores=False, return_text=True, truncate=True)
    assert [each["index"] for each in said] == [1, 2, 0]
    assert said[0]["text"] == DOCUMENTS[1]
    assert set((await ask(http, "/rerank", query=QUERY, texts=DOCUMENTS))[0]) == {"index", "score"}


async def test_a_provider_of_tei_ranks_in_any_dialect(http: httpx.AsyncClient, provider: FakeProvider) -> None:
    said = await ask(http, "/v2/rerank", model=RERANKER, query="abc", documents=["xyz", "abx", "abc"])
    assert [each["index"] for each in said["results"]] == [2, 1, 0]
    path, sent = provider.asked[-1]
    assert (path, sent["texts"]) == ("/rerank", ["xyz", "abx", "abc"])


@pytest.mark.parametrize("path", ["/score", "/v1/score"])
async def test_scores_keep_their_order(http: httpx.AsyncClient, path: str) -> None:
    said = await ask(http, path, model="minilm-rerank", text_1=QUERY, text_2=DOCUMENTS)
    assert [(each["index"], each["object"]) for each in said["data"]] == [(0, "score"), (1, "score"), (2, "score")]
    one, two, three = (each["score"] for each in said["data"])
    assert two > three > one
    same = await ask(http, path, model="minilm-rerank", queries=[QUERY] * 3, documents=DOCUMENTS)
    assert [each["score"] for each in same["data"]] == pytest.approx([one, two, three], abs=1e-5)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/rerank", {"documents": ["a"]}),
        ("/v1/rerank", {"query": "a"}),
        ("/v1/rerank", {"query": "a", "documents": []}),
        ("/v1/rerank", {"query": "a", "documents": "b"}),
        ("/v1/rerank", {"query": "a", "documents": [5]}),
        ("/v1/rerank", {"query": "a", "documents": ["b"], "top_n": 0}),
        ("/rerank", {"query": "a", "texts": [{"text": "b"}]}),
        ("/score", {"text_1": "a"}),
        ("/score", {"text_1": ["a", "b"], "text_2": ["c"]}),
        ("/score", {"text_1": [], "text_2": []}),
    ],
)
async def test_what_makes_no_sense_is_refused(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    answer = await http.post(path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_what_a_provider_refuses_is_told(http: httpx.AsyncClient, provider: FakeProvider) -> None:
    provider.refuses, provider.says = 422, b'{"error": "Too many texts.", "error_type": "Validation"}'
    answer = await http.post("/rerank", json={"model": RERANKER, "query": "a", "texts": ["b"]})
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, "Too many texts.")
