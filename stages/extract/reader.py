"""Utterances -> sentences with their vectors: what every summary begins with."""

from collections.abc import Sequence

import numpy as np
from anyio import to_thread
from numpy.typing import NDArray

from stages.engine import Card, EngineHost
from stages.extract.quote import quoted
from stages.extract.sentences import Sentence, sentences
from stages.extract.talk import Talk
from stages.speech import Utterance
from stages.summarize import Embedder

BATCH = 64
"""Sentences in one call of the engine: bounds how long it is held."""
MIN_WORDS = 3
"""Words from which a sentence is compared with others."""


class Reader:
    """Turns what was said into sentences, and sentences into vectors."""

    def __init__(self, embedder: EngineHost[Embedder], *, remembers: bool = False) -> None:
        """With `remembers`, each text of a meeting that is read again and again is embedded once."""
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] | None = {} if remembers else None

    @property
    def card(self) -> Card:
        """What makes the vectors."""
        return self._embedder.card

    async def talk(self, utterances: Sequence[Utterance]) -> Talk:
        """Read utterances that are in time order. Raises EngineError."""
        said = await to_thread.run_sync(sentences, utterances)
        return Talk(said, await self.vectors([_comparable(sentence) for sentence in said]))

    async def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed every text once, those of like length together; an empty text is a row of zeros. Raises EngineError."""
        if self._known is not None:
            return await self._remembered(self._known, texts)
        return await self._embedded(texts)

    async def _remembered(self, known: dict[str, NDArray[np.float32]], texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text and text not in known]
        known.update(zip(new, await self._embedded(new), strict=True))
        if not known:
            return await self._embedded(texts)
        width = len(next(iter(known.values())))
        nothing = np.zeros(width, np.float32)
        return np.array([known.get(text, nothing) for text in texts], np.float32).reshape(len(texts), width)

    async def _embedded(self, texts: Sequence[str]) -> NDArray[np.float32]:
        places = sorted((place for place in range(len(texts)) if texts[place]), key=lambda place: len(texts[place]))
        if not texts:
            return np.zeros((0, 0), np.float32)
        batches = [places[begin : begin + BATCH] for begin in range(0, len(places), BATCH)]
        found = [await self._embedder.call(_embed, [texts[place] for place in batch]) for batch in batches]
        if not found:  # all of them are empty: only how wide a row is must be known
            found = [(await self._embedder.call(_embed, ["."]))[:0]]
        rows = np.zeros((len(texts), found[0].shape[1]), np.float32)
        rows[places] = np.concatenate(found)
        return rows


def _embed(engine: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    return engine.embed(texts)


def _comparable(sentence: Sentence) -> str:
    """Return what is compared with other sentences; nothing where too little is said."""
    text = quoted(sentence.text)
    return text if len(text.split()) >= MIN_WORDS else ""
