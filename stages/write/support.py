"""Points -> how well what they cite says or shows them, by the meaning of sentences; the rest is dropped and counted.

A bi-encoder sees whether evidence speaks of the same, not whether it says the contrary: figures are compared besides.
Source: Honovich et al., TRUE: Re-evaluating Factual Consistency Evaluation, 2022 (scores of entailment per sentence).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec
import numpy as np

from stages.extract.reader import Reader
from stages.extract.talk import Talk
from stages.speech import Action, Point, Topic
from stages.summarize import SlideText
from stages.write.taken import Taken

THRESHOLD = 0.35
"""Score from which a point is supported. Source: `python -m tests.bench.evidence`."""
LONGEST = 1000
"""Letters of evidence that are compared as one text: what the encoder reads at once."""

P = TypeVar("P", Point, Action)
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")
_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_SPOKEN = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundred|thousand|million|half|quarter|dozen|first|second|third|\w+th|twice)\b"
)


class Support:
    """Compares points with the utterances and the slides of one meeting."""

    def __init__(self, talk: Talk, reader: Reader, slides: Sequence[SlideText] = ()) -> None:
        self._talk, self._reader = talk, reader
        self._slides = {slide.id: slide.text for slide in slides}
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, sentence in enumerate(talk.sentences):
            for id in sentence.evidence:
                self._places[id].append(place)

    async def checked(self, taken: Taken) -> Taken:
        """Return what is supported, and count the rest."""
        points = [point for topic in taken.topics for point in topic.points]
        good = dict(zip(map(id, points), await self.good(points), strict=True))
        topics = [
            Topic(topic.title, topic.start, topic.end, _there(good[id(point)] for point in topic.points))
            for topic in taken.topics
        ]
        kept = Taken(
            topics=[topic for topic in topics if topic.points],
            decisions=await self._spoken(taken.decisions),
            actions=await self._spoken(taken.actions),
            questions=await self._spoken(taken.questions),
            withdrawn=await self._spoken(taken.withdrawn),
        )
        kept.dropped = taken.dropped + _count(taken) - _count(kept)
        return kept

    async def _spoken(self, points: Sequence[P]) -> list[P]:
        """Return the points that somebody said: a slide alone settles nothing."""
        return [point for point in _there(await self.good(points)) if point.evidence]

    async def good(self, points: Sequence[P]) -> list[P | None]:
        """Return each point with what says and shows it, of all that it cites; None where nothing does."""
        texts = [_said(point) for point in points]
        scores = await self.scores([(text, point.evidence) for text, point in zip(texts, points, strict=True)])
        shown = await self._shown([(text, point.slides) for text, point in zip(texts, points, strict=True)])
        good: list[P | None] = []
        for at, point in enumerate(points):
            seen: tuple[str, ...] = shown[at]
            said = point.evidence if scores[at] >= THRESHOLD else ()
            proof = " ".join([self._text(said), *(self._slides[slide] for slide in seen)])
            is_good = bool(said or seen) and _figures_agree(texts[at], proof)
            good.append(_citing(point, said, seen) if is_good else None)
        return good

    async def _shown(self, points: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[str, ...]]:
        """Return for each text the slides that show it, of those it cites."""
        cited = {slide: self._slides[slide] for _, slides in points for slide in slides if slide in self._slides}
        if not cited:
            return [()] * len(points)
        pieces = {slide: [text[:LONGEST], *_SENTENCE.split(text)] for slide, text in cited.items()}
        texts = [*(text for text, _ in points), *(each for held in pieces.values() for each in held)]
        vectors = dict(zip(texts, await self._reader.vectors(texts), strict=True))

        def shows(slide: str, text: str) -> bool:
            held = pieces.get(slide, ())
            return max((float(vectors[each] @ vectors[text]) for each in held), default=0.0) >= THRESHOLD

        return [tuple(slide for slide in slides if shows(slide, text)) for text, slides in points]

    async def scores(self, points: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
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

    def _text(self, evidence: Sequence[str]) -> str:
        places = sorted({place for id in evidence for place in self._places[id]})
        return " ".join(self._talk.sentences[place].text for place in places)


def _citing(point: P, said: tuple[str, ...], seen: tuple[str, ...]) -> P:
    return msgspec.structs.replace(point, evidence=said, slides=seen)


def _there(points: Iterable[P | None]) -> tuple[P, ...]:
    return tuple(point for point in points if point is not None)


def _count(taken: Taken) -> int:
    listed = len(taken.decisions) + len(taken.actions) + len(taken.questions) + len(taken.withdrawn)
    return listed + sum(len(topic.points) for topic in taken.topics)


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
