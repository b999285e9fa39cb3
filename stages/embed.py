"""Texts of any length -> vectors: a long one is the mean of its windows, so that all of it counts."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stages.engine_errors import CannotDo
from stages.summarize import Embedder

LONGEST = 8192
"""Tokens of a text."""


class TokenEmbedder(Embedder, Protocol):
    """An embedder that shows how it reads texts."""

    @property
    def longest(self) -> int:
        """Tokens that it reads at a time."""

    @property
    def vocabulary(self) -> int:
        """Tokens that it knows: 0 to one less."""

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text."""

    def embed_tokens(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return one vector of unit length per text of at most `longest` tokens. Shape (texts, dimensions)."""


def embed_long(engine: TokenEmbedder, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """Return one vector of unit length per text, given as tokens: windows weigh by their length. Shape (texts, dims).

    Raises:
        CannotDo: a text is too long, or holds tokens that there are not.
    """
    windows: list[Sequence[int]] = []
    owners: list[int] = []
    for number, text in enumerate(texts):
        _check(engine, number, text)
        for first in range(0, max(1, len(text)), engine.longest):
            windows.append(text[first : first + engine.longest])
            owners.append(number)
    vectors = engine.embed_tokens(windows)
    if len(windows) == len(texts):
        return vectors
    weights = np.array([max(1, len(window)) for window in windows], np.float32)
    summed = np.zeros((len(texts), vectors.shape[1]), np.float32)
    np.add.at(summed, owners, vectors * weights[:, None])
    unit: NDArray[np.float32] = summed / np.linalg.norm(summed, axis=1, keepdims=True)
    return unit


def _check(engine: TokenEmbedder, number: int, text: Sequence[int]) -> None:
    if len(text) > LONGEST:
        raise CannotDo(f"Input {number} has {len(text)} tokens; at most {LONGEST} are read. Cut it into parts.")
    if text and not 0 <= min(text) <= max(text) < engine.vocabulary:
        known = f"0 to {engine.vocabulary - 1}"
        raise CannotDo(f"Input {number} holds tokens that {engine.card.model} does not have; it has {known}.")
