"""What was said in a meeting -> vectors, kept with the meeting, so that a question embeds nothing but itself."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.engine_pool import EnginePool
from pipeline.manifest import folder_of
from stages.summarize import Embedder
from storage.store import NotStored, Store

LONGEST = 110
"""Words that are embedded together: the model reads 256 tokens. A longer text counts by the part that fits best."""
PIECE = 32
"""Texts of one call of the engine, which others wait for."""
Matrix = NDArray[np.float32]


class _Kept(msgspec.Struct, frozen=True):
    """Vectors by the digest of their text: an edited text has none, and an unchanged one keeps its own."""

    model: str
    digests: tuple[bytes, ...]
    vectors: bytes
    """float16. Shape (texts, dimensions)."""


class TextVectors:
    """Embeds texts, and keeps what it made in the meeting's folder: gone with the meeting."""

    def __init__(self, store: Store, pool: EnginePool) -> None:
        self._store, self._pool = store, pool

    @property
    def languages(self) -> tuple[str, ...]:
        """What the vectors know, as ISO 639-1 codes; empty where language does not matter."""
        return self._pool.host("embed").card.languages

    async def of_question(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a question. Raises EngineError."""
        vector: NDArray[np.float32] = (await self.embed([text]))[0]
        return vector

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """Return a vector of unit length per text. Shape (texts, dimensions). Raises EngineError."""
        host = self._pool.host("embed")
        made = [await host.call(_embed, texts[first : first + PIECE]) for first in range(0, len(texts), PIECE)]
        return np.concatenate(made) if made else np.zeros((0, 1), np.float32)

    async def of_meeting(self, meeting: str, texts: Sequence[str]) -> tuple[Matrix, NDArray[np.intp]]:
        """Return the vectors of a meeting's texts and the text that each belongs to; new ones are made and kept.

        Raises:
            EngineError: they cannot be made.
        """
        parts = [(owner, part) for owner, text in enumerate(texts) for part in _parts(text)]
        digests = [hashlib.blake2b(part.encode(), digest_size=12).digest() for _, part in parts]
        known = await self._known(meeting)
        missing = {digest: part for digest, (_, part) in zip(digests, parts, strict=True) if digest not in known}
        if missing:
            made = await self.embed(list(missing.values()))
            known |= dict(zip(missing, made.astype(np.float16), strict=True))
        wanted = dict.fromkeys(digests)
        if missing or len(wanted) < len(known):
            await self._keep(meeting, {digest: known[digest] for digest in wanted})
        owners = np.array([owner for owner, _ in parts], np.intp)
        if not parts:
            return np.zeros((0, 1), np.float32), owners
        return np.stack([known[digest] for digest in digests]).astype(np.float32), owners

    async def _known(self, meeting: str) -> dict[bytes, NDArray[np.float16]]:
        try:
            kept = msgspec.msgpack.decode(await self._store.get(_key(meeting)), type=_Kept)
        except (NotStored, msgspec.DecodeError):
            return {}  # never made, or by a version with other words
        if kept.model != self._model() or not kept.digests:
            return {}
        vectors = np.frombuffer(kept.vectors, np.float16).reshape(len(kept.digests), -1)
        return dict(zip(kept.digests, vectors, strict=True))

    async def _keep(self, meeting: str, known: dict[bytes, Any]) -> None:
        vectors = np.stack(list(known.values())).tobytes() if known else b""
        kept = _Kept(self._model(), tuple(known), vectors)
        await self._store.put(_key(meeting), msgspec.msgpack.encode(kept))

    def _model(self) -> str:
        card = self._pool.host("embed").card
        return f"{card.model} {card.revision}"


def _embed(engine: Embedder, texts: Sequence[str]) -> Matrix:
    return engine.embed(texts)


def _parts(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[first : first + LONGEST]) for first in range(0, max(1, len(words)), LONGEST)]


def _key(meeting: str) -> str:
    return f"{folder_of(meeting)}/vectors.msgpack"
