"""Points in the making -> the same without doubles."""

from collections.abc import Iterable
from typing import TypeVar

from stages.extract.actions import Task, is_label
from stages.extract.english import content
from stages.extract.talk import Found, Talk

ALIKE = 0.72
"""Similarity from which two sentences make one point."""
SHARED_WORDS = 0.6
"""Share of their words of content from which two sentences make one point."""

EXCHANGE = 3
"""Utterances in which an offer and the request that takes it up are the same task."""

F = TypeVar("F", bound=Found)


def without_doubles(talk: Talk, found: Iterable[F]) -> list[F]:
    """Join points that say the same, with the evidence of all of them."""
    kept: list[F] = []
    for point in found:
        double = next((other for other in kept if _same(talk, other, point)), None)
        if double is None:
            kept.append(point)
        else:
            double.places += [place for place in point.places if place not in double.places]
            _complete(double, point)
    return kept


def _same(talk: Talk, one: Found, other: Found) -> bool:
    if isinstance(one, Task) and isinstance(other, Task) and not _one_owner(talk, one, other):
        return False
    if set(one.places) & set(other.places):
        return True
    words, others = set(content(one.text)), set(content(other.text))
    shared = len(words & others) / max(1, min(len(words), len(others))) if min(len(words), len(others)) > 1 else 0.0
    return (shared >= SHARED_WORDS and talk.alike(one.place, other.place) >= ALIKE / 2) or talk.alike(
        one.place, other.place
    ) >= ALIKE


def _one_owner(talk: Talk, one: Task, other: Task) -> bool:
    """Tell whether both may mean the same person: said alike, or by name and by label in the same exchange."""
    if one.owner == other.owner:
        return True
    near = abs(talk.sentences[one.place].utterance - talk.sentences[other.place].utterance) <= EXCHANGE
    labels = [owner is not None and is_label(owner) for owner in (one.owner, other.owner)]
    return near and (labels.count(True) == 1)


def _complete(kept: Found, double: Found) -> None:
    """Take over what the double knows and the kept one does not."""
    if isinstance(kept, Task) and isinstance(double, Task):
        kept.due = kept.due or double.due
