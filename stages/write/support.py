"""Points -> those that something they cite says or shows, with that alone; the rest is dropped and counted.

A judge sees whether evidence speaks of the same, not whether it says the contrary: figures are compared besides.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

import msgspec

from stages.extract.talk import Talk
from stages.summarize import SlideText
from stages.summary import Action, Point, Topic
from stages.write.figures import figures_agree
from stages.write.taken import Taken

P = TypeVar("P", Point, Action)


class Judge(Protocol):
    """Tells how alike texts and what they cite are."""

    @property
    def least(self) -> float:
        """Likeness from which what is cited supports a text."""

    async def said(self, points: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
        """Return how alike each text is to the utterances it cites. Raises EngineError."""

    async def shown(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return how alike each text is to what a slide shows. Raises EngineError."""


class Support:
    """Compares points with the utterances and the slides of one meeting."""

    def __init__(self, judge: Judge, talk: Talk, slides: Sequence[SlideText] = (), language: str | None = None) -> None:
        self._judge, self._language = judge, language
        self._slides = {slide.id: slide.text for slide in slides}
        self._said: dict[str, str] = {}
        for sentence in talk.sentences:
            for id in sentence.evidence:
                self._said[id] = f"{self._said.get(id, '')} {sentence.text}"

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
        texts = [said_by(point) for point in points]
        scores = await self._judge.said([(text, point.evidence) for text, point in zip(texts, points, strict=True)])
        shown = await self._shown([(text, point.slides) for text, point in zip(texts, points, strict=True)])
        good: list[P | None] = []
        for at, point in enumerate(points):
            text: str = texts[at]
            seen: tuple[str, ...] = shown[at]
            said: tuple[str, ...] = point.evidence if scores[at] >= self._judge.least else ()
            proof = " ".join([*(self._said.get(id, "") for id in said), *(self._slides[slide] for slide in seen)])
            is_good = bool(said or seen) and figures_agree(text, proof, self._language)
            good.append(msgspec.structs.replace(point, evidence=said, slides=seen) if is_good else None)
        return good

    async def _shown(self, points: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[str, ...]]:
        """Return for each text the slides that show it, of those it cites."""
        cited = [(text, slide) for text, slides in points for slide in slides if slide in self._slides]
        scores = await self._judge.shown([(text, self._slides[slide]) for text, slide in cited]) if cited else []
        shows = {pair for pair, score in zip(cited, scores, strict=True) if score >= self._judge.least}
        return [tuple(slide for slide in slides if (text, slide) in shows) for text, slides in points]


def texts_of(taken: Taken) -> list[str]:
    """Return what all points say."""
    said: list[Point | Action] = [point for topic in taken.topics for point in topic.points]
    said += [*taken.decisions, *taken.actions, *taken.questions, *taken.withdrawn]
    return [said_by(point) for point in said]


def said_by(point: Point | Action) -> str:
    """Return what a point says, in words that evidence can be compared with."""
    if isinstance(point, Action):
        return " ".join(filter(None, (point.task, point.due)))
    return point.text


def _there(points: Iterable[P | None]) -> tuple[P, ...]:
    return tuple(point for point in points if point is not None)


def _count(taken: Taken) -> int:
    return len(texts_of(taken))
