"""Texts -> vectors by an engine that takes as long as MiniLM, asleep."""

import time
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.engine import Card, Progress

TEXTS_A_SECOND = 640
"""Of MiniLM on one thread, where a text is one word."""
WIDTH = 384


class SleepingEmbedder:
    """An `Embedder` whose vectors are near each other by accident only."""

    card = Card(engine="sleeping", model="sleeping", revision="1", licence="Apache-2.0", attribution="Parley")

    def on_disk(self) -> bool:
        """Return that nothing has to be fetched."""
        return True

    def download(self, progress: Progress, again: bool = False) -> None:
        """Fetch nothing."""
        progress(1, 1)

    def load(self, devices: Sequence[int]) -> None:
        """Load nothing."""

    def unload(self) -> None:
        """Free nothing."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of unit length per text. Shape (texts, 384)."""
        time.sleep(len(texts) / TEXTS_A_SECOND)
        made = np.stack([np.random.default_rng(zlib.crc32(text.encode())).standard_normal(WIDTH) for text in texts])
        vectors: NDArray[np.float32] = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
        return vectors
