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

    def __init__(self, embedder: EngineHost[Embedder]) -> None:
        self._embedder = embedder

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
        places = sorted((place for place in range(len(texts)) if texts[place]), key=lambda place: len(texts[place]))
        rows = np.zeros((len(texts), 1), np.float32)
        for begin in range(0, len(places), BATCH):
            batch = places[begin : begin + BATCH]
            found = await self._embedder.call(_embed, [texts[place] for place in batch])
            if rows.shape[1] != found.shape[1]:
                rows = np.zeros((len(texts), found.shape[1]), np.float32)
            rows[batch] = found
        return rows


def _embed(engine: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    return engine.embed(texts)


def _comparable(sentence: Sentence) -> str:
    """Return what is compared with other sentences; nothing where too little is said."""
    text = quoted(sentence.text)
    return text if len(text.split()) >= MIN_WORDS else ""
