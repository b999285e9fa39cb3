"""Texts and what they cite -> how alike they are in meaning, by vectors of sentences.

Source: Honovich et al., TRUE: Re-evaluating Factual Consistency Evaluation, 2022 (scores of entailment per sentence).
"""

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from stages.extract.reader import Reader
from stages.extract.talk import Talk

THRESHOLD = 0.35
"""Likeness from which a point is supported. Source: `python -m tests.bench.evidence`."""
LONGEST = 1000
"""Letters of evidence that are compared as one text: what the encoder reads at once."""

_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")


class Meaning:
    """A `Judge` by the vectors of one meeting, whose language they know."""

    least = THRESHOLD

    def __init__(self, talk: Talk, reader: Reader) -> None:
        self._talk, self._reader = talk, reader
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, sentence in enumerate(talk.sentences):
            for id in sentence.evidence:
                self._places[id].append(place)

    async def said(self, points: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
        """Return how alike each text is to the evidence that is most alike: a sentence, or all of it."""
        texts = [text for text, _ in points] + [self._text(evidence)[:LONGEST] for _, evidence in points]
        vectors = await self._reader.vectors(texts)
        scores = []
        for number, (_, evidence) in enumerate(points):
            one, whole = vectors[number], vectors[len(points) + number]
            rows = self._talk.vectors[[place for id in evidence for place in self._places[id]]]
            single = float(np.max(rows @ one, initial=-1.0))
            scores.append(max(single, float(whole @ one)))
        return scores

    async def shown(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return how alike each text is to what a slide shows: a sentence of it, or all."""
        pieces = {shown: [shown[:LONGEST], *_SENTENCE.split(shown)] for _, shown in pairs}
        texts = [*(text for text, _ in pairs), *(each for held in pieces.values() for each in held)]
        vectors = dict(zip(texts, await self._reader.vectors(texts), strict=True))
        return [max(float(vectors[each] @ vectors[text]) for each in pieces[shown]) for text, shown in pairs]

    def _text(self, evidence: Sequence[str]) -> str:
        places = sorted({place for id in evidence for place in self._places[id]})
        return " ".join(self._talk.sentences[place].text for place in places)
