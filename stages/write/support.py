"""Points -> how well what they cite says them, by the meaning of sentences; the rest is dropped and counted.

A bi-encoder sees whether evidence speaks of the same, not whether it says the contrary: figures are compared besides.
Source: Honovich et al., TRUE: Re-evaluating Factual Consistency Evaluation, 2022 (scores of entailment per sentence).
"""

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from stages.extract.reader import Reader
from stages.extract.talk import Talk
from stages.speech import Action, Point, Topic
from stages.write.taken import Taken

THRESHOLD = 0.35
"""Score from which a point is supported. Source: `python -m tests.bench.evidence`."""
LONGEST = 1000
"""Letters of evidence that are compared as one text: what the encoder reads at once."""

_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_SPOKEN = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundred|thousand|million|half|quarter|dozen|first|second|third|\w+th|twice)\b"
)


class Support:
    """Compares points with the utterances of one meeting."""

    def __init__(self, talk: Talk, reader: Reader, threshold: float = THRESHOLD) -> None:
        self._talk, self._reader, self._threshold = talk, reader, threshold
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, sentence in enumerate(talk.sentences):
            for id in sentence.evidence:
                self._places[id].append(place)

    async def checked(self, taken: Taken) -> Taken:
        """Return what is supported, and count the rest."""
        points = [point for topic in taken.topics for point in topic.points]
        whole: list[Point | Action] = [
            *points,
            *taken.decisions,
            *taken.actions,
            *taken.questions,
            *taken.withdrawn,
        ]
        found = await self.supported([(_said(point), point.evidence) for point in whole])
        good = {id(point) for point, is_good in zip(whole, found, strict=True) if is_good}
        topics = [
            Topic(topic.title, topic.start, topic.end, tuple(point for point in topic.points if id(point) in good))
            for topic in taken.topics
        ]
        return Taken(
            topics=[topic for topic in topics if topic.points],
            decisions=[point for point in taken.decisions if id(point) in good],
            actions=[action for action in taken.actions if id(action) in good],
            questions=[point for point in taken.questions if id(point) in good],
            withdrawn=[point for point in taken.withdrawn if id(point) in good],
            dropped=taken.dropped + len(whole) - len(good),
        )

    async def supported(self, points: Sequence[tuple[str, Sequence[str]]]) -> list[bool]:
        """Tell for each text and the utterances it cites whether these say it."""
        scores = await self.scores(points)
        return [
            score >= self._threshold and _figures_agree(text, self._text(evidence))
            for score, (text, evidence) in zip(scores, points, strict=True)
        ]

    async def scores(self, points: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
        """Return how alike each text is to the evidence that is most alike: a sentence, or all of it."""
        texts = [text for text, _ in points] + [self._text(evidence)[:LONGEST] for _, evidence in points]
        vectors = await self._reader.vectors(texts)
        scores = []
        for number, (_, evidence) in enumerate(points):
            one, whole = vectors[number], vectors[len(points) + number]
            rows = self._talk.vectors[[place for id in evidence for place in self._places[id]]]
            single = float(np.max(rows @ one, initial=-1.0)) if rows.shape[1] == len(one) else -1.0
            scores.append(max(single, float(whole @ one)))
        return scores

    def _text(self, evidence: Sequence[str]) -> str:
        places = sorted({place for id in evidence for place in self._places[id]})
        return " ".join(self._talk.sentences[place].text for place in places)


def _said(point: Point | Action) -> str:
    """Return what a point says, in words that evidence can be compared with."""
    if isinstance(point, Action):
        return " ".join(filter(None, (point.task, point.due)))
    return point.text


def _figures_agree(text: str, evidence: str) -> bool:
    """Tell whether the figures of a point were said; where numbers were said in words, that is not known."""
    said = {_bare(figure) for figure in _FIGURE.findall(evidence)}
    written = {_bare(figure) for figure in _FIGURE.findall(re.sub(r"\bS\d+\b", "", text))}
    return written <= said or bool(_SPOKEN.search(evidence.lower()))


def _bare(figure: str) -> str:
    return re.sub(r"\D", "", figure)
