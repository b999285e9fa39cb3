"""The embedded engine of vectors as somebody who can be asked: it speaks /v1/embeddings and /v1/rerank."""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.gateway.answer import Made
from pipeline.gateway.body import decoded
from pipeline.gateway.breaker import Breaker
from pipeline.gateway.errors import BadBody
from pipeline.gateway.slots import Slots
from pipeline.gateway.target import Body, Member, Offer
from pipeline.gateway.vectors import VectorEngine
from stages.embed import LONGEST

RERANK = "minilm-rerank"
"""Id under which the embedded engine ranks."""
AT_ONCE = 8
"""Requests that take turns at the engine; more wait in line."""
BI_ENCODER = (
    "A bi-encoder: query and documents become vectors apart from each other, and the cosine between them, from 0 to 1, "
    "is the score. A cross-encoder, which reads both together, ranks better."
)


class EmbeddingsAsked(msgspec.Struct):
    """What is asked of /v1/embeddings."""

    input: str | list[str | int | list[int]]
    """A text, texts, a text as tokens, or texts as tokens."""
    encoding_format: Literal["float", "base64"] = "float"
    """How a vector is written."""
    dimensions: int | None = None
    """How many dimensions are kept, 1 or more; None for all."""


class RerankAsked(msgspec.Struct):
    """What is asked of /v1/rerank."""

    query: str
    """What the documents are compared with."""
    documents: list[str]
    """What is ranked."""


class Embedded:
    """A `Target`: the embedded engine."""

    name = "embedded"
    kind: Literal["engine"] = "engine"
    counts_streams = False
    speaks_responses = False

    def __init__(self, engine: VectorEngine) -> None:
        self._engine = engine
        self.slots: Slots[Member] = Slots(AT_ONCE)
        self.breaker = Breaker()
        self._answers: Mapping[str, Callable[[bytes], Awaitable[Any]]] = {
            "/v1/embeddings": self._embed,
            "/v1/rerank": self._rerank,
        }

    async def open(self, path: str, body: Body, media_type: str = "application/json") -> Made:
        """Answer. Raises `BadBody` and what the engine raises."""
        assert isinstance(body, bytes)
        return Made(msgspec.json.encode(await self._answers[path](body)))

    async def offers(self) -> Sequence[Offer]:
        """Return what it serves."""
        return self.served()

    def served(self) -> Sequence[Offer]:
        """Return the model that embeds and the one that ranks, which are the same."""
        card = self._engine.card
        embeds = Offer(id=card.model, type="text-embeddings-inference", max_context_length=LONGEST)
        ranks = Offer(id=RERANK, type="text-classification", max_context_length=LONGEST, description=BI_ENCODER)
        return [embeds, ranks]

    async def _embed(self, body: bytes) -> Any:
        asked = decoded(body, EmbeddingsAsked)
        found = await self._engine.embed(_inputs(asked.input))
        vectors = _shortened(found.values, asked.dimensions)
        write = _base64 if asked.encoding_format == "base64" else _floats
        tokens = sum(found.tokens)
        return {
            "object": "list",
            "data": [
                {"object": "embedding", "index": number, "embedding": write(vector)}
                for number, vector in enumerate(vectors)
            ],
            "model": self._engine.card.model,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }

    async def _rerank(self, body: bytes) -> Any:
        asked = decoded(body, RerankAsked)
        found = await self._engine.embed([asked.query, *asked.documents])
        scores = np.clip((1 + found.values[1:] @ found.values[0]) / 2, 0, 1)
        return {
            "results": [{"index": number, "relevance_score": float(score)} for number, score in enumerate(scores)],
            "usage": {"total_tokens": sum(found.tokens)},
        }


def _inputs(given: str | list[str | int | list[int]]) -> Sequence[str] | Sequence[Sequence[int]]:
    """Read the four forms of `input`.

    Raises:
        BadBody: forms are mixed, or something is empty.
    """
    if isinstance(given, str):
        given = [given]
    texts = [each for each in given if isinstance(each, str)]
    tokens = [each for each in given if isinstance(each, list)]
    numbers = [each for each in given if isinstance(each, int)]
    for form in (texts, tokens, [numbers]):
        if len(form) == len(given) or form == [given]:
            if not all(form):
                raise BadBody("The field input holds an empty text.", "input")
            return form
    raise BadBody("The field input mixes texts and tokens.", "input")


def _shortened(vectors: NDArray[np.float32], dimensions: int | None) -> NDArray[np.float32]:
    width = vectors.shape[1]
    if dimensions is None or dimensions == width:
        return vectors
    if not 1 <= dimensions <= width:
        raise BadBody(f"The field dimensions must be 1 to {width} for this model.", "dimensions")
    kept = vectors[:, :dimensions]
    unit: NDArray[np.float32] = kept / np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-12)
    return unit


def _floats(vector: NDArray[np.float32]) -> list[float]:
    rounded: list[float] = np.round(vector.astype(np.float64), 9).tolist()
    return rounded


def _base64(vector: NDArray[np.float32]) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
