"""Summary -> the same summary with nothing in it that no utterance says."""

from collections.abc import Collection, Iterable
from typing import TypeVar

import msgspec

from stages.speech import Action, Point, Summary, Topic, Utterance

Cited = TypeVar("Cited", Point, Action)


def check_evidence(summary: Summary, utterances: Iterable[Utterance]) -> Summary:
    """Drop citations of utterances that do not exist, then points without citations, then topics without points.

    An overview that says what it rests on needs some of that to be there. `dropped` counts the points. Every summariser
    goes through here, whether it chose sentences or wrote them.
    """
    real = {utterance.id for utterance in utterances}
    decisions, actions = _grounded(summary.decisions, real), _grounded(summary.actions, real)
    questions = _grounded(summary.questions, real)
    overview = tuple(dict.fromkeys(id for id in summary.overview_evidence if id in real))
    topics = tuple(msgspec.structs.replace(topic, points=_grounded(topic.points, real)) for topic in summary.topics)
    kept = msgspec.structs.replace(
        summary,
        overview=summary.overview if overview or not summary.overview_evidence else "",
        overview_evidence=overview,
        topics=tuple(topic for topic in topics if topic.points),
        decisions=decisions,
        actions=actions,
        questions=questions,
    )
    return msgspec.structs.replace(kept, dropped=summary.dropped + _points(summary) - _points(kept))


def _grounded(points: Iterable[Cited], real: Collection[str]) -> tuple[Cited, ...]:
    cited = ((point, tuple(dict.fromkeys(id for id in point.evidence if id in real))) for point in points)
    return tuple(msgspec.structs.replace(point, evidence=evidence) for point, evidence in cited if evidence)


def _points(summary: Summary) -> int:
    topics: tuple[Topic, ...] = summary.topics
    listed = len(summary.decisions) + len(summary.actions) + len(summary.questions)
    return listed + sum(len(topic.points) for topic in topics) + bool(summary.overview)
