"""Summary -> the same summary with nothing in it that no utterance says and no slide shows."""

from collections.abc import Collection, Iterable
from typing import TypeVar

import msgspec

from stages.speech import Utterance
from stages.summary import Action, Point, Summary, Topic

Cited = TypeVar("Cited", Point, Action)


def check_evidence(summary: Summary, utterances: Iterable[Utterance], slides: Collection[str] = ()) -> Summary:
    """Drop citations of what does not exist, then points without citations, then topics without points.

    What was decided, taken on or asked was said by somebody: a slide alone does not do. An overview that says what it
    rests on needs some of that to be there. `dropped` counts the points. Every summariser goes through here, whether it
    chose sentences or wrote them.
    """
    real = {utterance.id for utterance in utterances}
    decisions, actions = _said(summary.decisions, real, slides), _said(summary.actions, real, slides)
    questions = _said(summary.questions, real, slides)
    said, shown = _known(summary.overview_evidence, real), _known(summary.overview_slides, slides)
    cites = bool(summary.overview_evidence or summary.overview_slides)
    topics = tuple(
        msgspec.structs.replace(topic, points=_grounded(topic.points, real, slides)) for topic in summary.topics
    )
    kept = msgspec.structs.replace(
        summary,
        overview=summary.overview if said or shown or not cites else "",
        overview_evidence=said,
        overview_slides=shown,
        topics=tuple(topic for topic in topics if topic.points),
        decisions=decisions,
        actions=actions,
        questions=questions,
    )
    return msgspec.structs.replace(kept, dropped=summary.dropped + _points(summary) - _points(kept))


def cited_slides(summary: Summary) -> frozenset[str]:
    """Return the ids of all slides that a summary cites."""
    listed: tuple[Point | Action, ...] = (*summary.decisions, *summary.actions, *summary.questions)
    points = [*listed, *(point for topic in summary.topics for point in topic.points)]
    return frozenset(summary.overview_slides).union(*(point.slides for point in points))


def _said(points: Iterable[Cited], real: Collection[str], slides: Collection[str]) -> tuple[Cited, ...]:
    return tuple(point for point in _grounded(points, real, slides) if point.evidence)


def _grounded(points: Iterable[Cited], real: Collection[str], slides: Collection[str]) -> tuple[Cited, ...]:
    known = (
        msgspec.structs.replace(point, evidence=_known(point.evidence, real), slides=_known(point.slides, slides))
        for point in points
    )
    return tuple(point for point in known if point.evidence or point.slides)


def _known(cited: Iterable[str], real: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for id in cited if id in real))


def _points(summary: Summary) -> int:
    topics: tuple[Topic, ...] = summary.topics
    listed = len(summary.decisions) + len(summary.actions) + len(summary.questions)
    return listed + sum(len(topic.points) for topic in topics) + bool(summary.overview)
