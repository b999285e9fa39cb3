"""Texts or tokens -> vectors and their tokens, by the embedded engine, in pieces that let others have a turn."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.engine_pool import EnginePool
from stages.embed import TokenEmbedder, embed_long
from stages.engine import Card, EngineHost
from stages.engine_errors import CannotDo

PIECE = 32
"""Texts of one call: summaries of meetings use the same engine, and wait for one call at most."""


class Vectors(NamedTuple):
    """What texts have become."""

    values: NDArray[np.float32]
    """Of unit length. Shape (texts, dimensions)."""
    tokens: tuple[int, ...]
    """How many tokens each text has."""


class VectorEngine:
    """The embedded engine that turns texts into vectors."""

    def __init__(self, pool: EnginePool) -> None:
        self._pool = pool

    @property
    def card(self) -> Card:
        """What it is."""
        return self._host().card

    async def embed(self, texts: Sequence[str] | Sequence[Sequence[int]]) -> Vectors:
        """Turn texts, or texts as tokens, into vectors.

        Raises:
            EngineError: the engine cannot work, or a text is too long.
        """
        host = self._host()
        found = [await host.call(_embed, texts[first : first + PIECE]) for first in range(0, len(texts), PIECE)]
        return Vectors(np.concatenate([each.values for each in found]), sum((each.tokens for each in found), ()))

    def _host(self) -> EngineHost[TokenEmbedder]:
        """Return the host of the engine.

        Raises:
            CannotDo: the configured engine does not show how it reads texts.
        """
        host: EngineHost[TokenEmbedder] = self._pool.host("embed")
        if not hasattr(host.engine, "embed_tokens"):
            raise CannotDo(f"The engine {host.card.engine} turns no tokens into vectors, as /v1/embeddings needs.")
        return host


def _embed(engine: TokenEmbedder, texts: Sequence[str] | Sequence[Sequence[int]]) -> Vectors:
    tokens: list[Sequence[int]] = [text for text in texts if not isinstance(text, str)]
    if len(tokens) != len(texts):
        tokens = [*engine.tokenize([text for text in texts if isinstance(text, str)])]
    return Vectors(embed_long(engine, tokens), tuple(len(text) for text in tokens))
