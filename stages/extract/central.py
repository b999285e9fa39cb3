"""Sentences -> the few that stand for the rest: near the centre, and not alike among themselves.

Source: Radev et al., Centroid-based Summarization, 2004; Carbonell and Goldstein, Maximal Marginal Relevance, 1998.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.extract.english import plain
from stages.extract.talk import Talk

RELEVANCE = 0.7
"""Weight of being central against being new."""
ALIKE = 0.75
"""Similarity from which a sentence says what another one already did."""
COMFORTABLE = (8, 32)
"""Words of a sentence that can stand alone and be read at a glance."""

_POINTS_BACK = (
    "it",
    "it's",
    "that",
    "that's",
    "this",
    "they",
    "they're",
    "he",
    "she",
    "those",
    "these",
    "them",
    "which",
    "because",
    "or",
)


def choose(
    talk: Talk,
    places: Sequence[int],
    centre: NDArray[np.float32],
    count: int,
    bonus: NDArray[np.float32],
    taken: Sequence[int] = (),
) -> list[int]:
    """Return up to `count` of the places, in time order, unlike those already taken.

    `bonus` has one value per sentence of the talk. At least one is returned if there is any place and nothing is taken.
    """
    merit = {place: merit_of(talk, place, centre) + float(bonus[place]) for place in places}
    left = [place for place in merit if merit[place] > 0]
    chosen = list(taken)
    while left and len(chosen) < count + len(taken):
        best = max(left, key=lambda place: RELEVANCE * merit[place] - (1 - RELEVANCE) * _nearest(talk, place, chosen))
        left.remove(best)
        if _nearest(talk, best, chosen) < ALIKE:
            chosen.append(best)
    if not chosen and places:
        chosen = [max(places, key=lambda place: (merit[place], len(talk.content[place]), -place))]
    return sorted(chosen[len(taken) :])


def merit_of(talk: Talk, place: int, centre: NDArray[np.float32]) -> float:
    """Return how well a sentence stands for what is around `centre`; at most about 1."""
    text = talk.sentences[place].text
    words = plain(text).split()
    short, long = COMFORTABLE
    fit = min(1.0, len(words) / short, long / max(1, len(words)))
    if len(talk.content[place]) < 2:
        return 0.0
    if text.rstrip().endswith("?"):
        fit *= 0.6
    if words[0].strip(",.") in _POINTS_BACK:
        fit *= 0.8
    return fit * float(talk.vectors[place] @ centre)


def _nearest(talk: Talk, place: int, chosen: Sequence[int]) -> float:
    return max((talk.alike(place, other) for other in chosen), default=0.0)
