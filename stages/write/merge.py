"""What was taken of parts -> one, without doubles; owners and dates are kept, a later date replaces an earlier one."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from stages.extract.english import content
from stages.extract.reader import Reader
from stages.summary import Action, Point, Topic
from stages.write.taken import Taken

SAME = 0.8
"""Likeness from which two points say the same."""
SAME_WORDS = 0.9
"""Share of their words that they have in common besides: to vectors, a red shed and a green one are much the same."""
SAME_EVIDENCE = 0.6
"""Likeness from which they do where they rest on the same utterance."""
SAME_TOPIC = 0.75
"""Likeness of titles from which the last topic of a part goes on in the next one."""

P = TypeVar("P", Point, Action)


async def merged(reader: Reader, parts: Sequence[Taken]) -> Taken:
    """Put parts, in time order, together. Raises EngineError."""
    topics = await _topics(reader, [part.topics for part in parts])
    return Taken(
        topics=topics,
        decisions=await _single(reader, [point for part in parts for point in part.decisions], _joined),
        actions=await _single(reader, [action for part in parts for action in part.actions], _joined_action),
        questions=await _single(reader, [point for part in parts for point in part.questions], _joined),
        withdrawn=[point for part in parts for point in part.withdrawn],
        dropped=sum(part.dropped for part in parts),
    )


async def _single(reader: Reader, points: Sequence[P], joined: Callable[[P, P], P]) -> list[P]:
    """Join points that say the same."""
    texts = [_text(point) for point in points]
    vectors = await reader.vectors(texts)
    kept: list[P] = []
    rows: list[int] = []
    for number, point in enumerate(points):
        double = next(
            (at for at, row in enumerate(rows) if _same(kept[at], point, vectors[row], vectors[number])), None
        )
        if double is None:
            kept.append(point)
            rows.append(number)
        else:
            kept[double] = joined(kept[double], point)
    return kept


def _same(one: P, other: P, vector: NDArray[np.float32], other_vector: NDArray[np.float32]) -> bool:
    alike = float(vector @ other_vector)
    shared = bool(set(one.evidence) & set(other.evidence))
    if isinstance(one, Action) and isinstance(other, Action) and one.owner and other.owner and one.owner != other.owner:
        return False
    if not shared and _figures(_text(one)) != _figures(_text(other)):
        return False
    if shared:
        return alike >= SAME_EVIDENCE
    return alike >= SAME and _shared_words(_text(one), _text(other)) >= SAME_WORDS


def _shared_words(one: str, other: str) -> float:
    """Return which share of the words of content of the shorter text the other one has, in whatever form."""
    words, others = ({word[:4] for word in content(text)} for text in (one, other))
    return len(words & others) / min(len(words), len(others)) if words and others else float(one == other)


def _text(point: Point | Action) -> str:
    return point.task if isinstance(point, Action) else point.text


def _figures(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))


def _joined(one: Point, other: Point) -> Point:
    return Point(one.text, *_both(one, other))


def _joined_action(one: Action, other: Action) -> Action:
    late = other if other.due else one
    evidence, slides = _both(one, other)
    return Action(one.task, one.owner or other.owner, late.due, evidence, late.due_date, slides)


def _both(one: P, other: P) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what either cites."""
    return tuple(dict.fromkeys(one.evidence + other.evidence)), tuple(dict.fromkeys(one.slides + other.slides))


async def _topics(reader: Reader, parts: Sequence[Sequence[Topic]]) -> list[Topic]:
    """Put topics in time order; one that a cut divided is one again."""
    edges = [(before[-1], after[0]) for before, after in pairwise(parts) if before and after]
    vectors = await reader.vectors([topic.title for edge in edges for topic in edge])
    goes_on = {
        (id(edge[0]), id(edge[1]))
        for at, edge in enumerate(edges)
        if vectors[2 * at] @ vectors[2 * at + 1] >= SAME_TOPIC
    }
    kept: list[Topic] = []
    last: Topic | None = None
    for topic in (topic for part in parts for topic in part):
        if last is not None and (id(last), id(topic)) in goes_on:
            before = kept[-1]
            points = (*before.points, *topic.points)
            kept[-1] = Topic(before.title, min(before.start, topic.start), max(before.end, topic.end), points)
        else:
            kept.append(topic)
        last = topic
    return sorted(kept, key=lambda topic: topic.start)
