"""Sentences with their vectors: what every part of the extractive summary looks at."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from stages.extract.english import content
from stages.extract.sentences import Sentence
from stages.summary import Point


class Talk:
    """A meeting as sentences in time order."""

    def __init__(self, sentences: Sequence[Sentence], vectors: NDArray[np.float32]) -> None:
        self.sentences = sentences
        self.vectors = vectors
        """One row per sentence, of unit length; zeros where a sentence says too little to be compared."""
        self.content = [content(sentence.text) for sentence in sentences]
        """Per sentence, the words that say what it is about."""

    def __len__(self) -> int:
        return len(self.sentences)

    def alike(self, one: int, other: int) -> float:
        """Return how alike two sentences are, -1..1."""
        return float(self.vectors[one] @ self.vectors[other])

    def after(self, place: int, utterances: int) -> Iterator[int]:
        """Yield the sentences that follow, the rest of the same utterance and then so many utterances."""
        last = self.sentences[place].utterance + utterances
        for later in range(place + 1, len(self.sentences)):
            if self.sentences[later].utterance > last:
                return
            yield later

    def before(self, place: int, utterances: int) -> Iterator[int]:
        """Yield the sentences before, nearest first, back to so many utterances."""
        first = self.sentences[place].utterance - utterances
        for earlier in range(place - 1, -1, -1):
            if self.sentences[earlier].utterance < first:
                return
            yield earlier

    def replies(self, place: int, utterances: int) -> Iterator[int]:
        """Yield what others say in the utterances that follow."""
        speaker = self.sentences[place].speaker
        return (
            later
            for later in self.after(place, utterances)
            if self.sentences[later].utterance != self.sentences[place].utterance
            and (self.sentences[later].speaker != speaker or speaker is None)
        )

    def evidence(self, places: Sequence[int]) -> tuple[str, ...]:
        """Return the utterances that sentences lie in, in time order."""
        return tuple(dict.fromkeys(id for place in sorted(places) for id in self.sentences[place].evidence))


class Found:
    """A point in the making."""

    def __init__(self, place: int, score: float) -> None:
        self.places = [place]
        """Sentences it rests on; the first one found comes first."""
        self.score = score
        """How sure it is; orders what must be left out in a long meeting."""
        self.text = ""

    @property
    def place(self) -> int:
        """The sentence that was found first."""
        return self.places[0]

    def point(self, talk: Talk) -> Point:
        """Return it with its evidence."""
        return Point(self.text, talk.evidence(self.places))
