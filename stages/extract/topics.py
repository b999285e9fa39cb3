"""Sentences -> topics: stretches that hold together, cut where the talk turns to something else.

The cuts are those that make so many topics most coherent: an optimal partition over sums of vectors.
Source: Utiyama and Isahara, A Statistical Model for Domain-Independent Text Segmentation, 2001 (dynamic programming
over all cuts); Hearst, TextTiling, 1997 (breaks where turns begin, cue phrases).
"""

import math
import re
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stages.extract.cues import says
from stages.extract.talk import Talk

MOST_BLOCKS = 900
"""Possible cuts that are weighed: work and memory grow with the square."""
SHORTEST_SECONDS = 40.0
"""A topic lasts at least this long, unless the meeting is shorter."""
LONGEST_SHARE = 2.5
"""A topic holds at most so many times what a topic holds on average."""
SAME = 0.6
"""Similarity, beyond what the whole meeting has in common, of neighbouring topics from which they are one."""
TURN_BONUS = 0.15
"""What a cue phrase ("next", "the second thing") is worth, in units of a sentence that fits nowhere."""

_TURN = re.compile(
    r"^(?:(?:okay|ok|so|right|alright|all right|good|great|and|well|then|now|perfect|fine|cool|thanks|"
    r"thank you)[,. ]+)*(?:(?:the )?(?:next|last|second|third|fourth|other|final) (?:thing|point|item|topic|question|"
    r"one|subject)|next\b|moving on|let's move on|another (?:thing|point|question|topic)|one (?:more|other|"
    r"last) (?:thing|point|question)|now,? (?:the|about|for|to|let's)|then (?:the|there's|movers|we have)|(?:what|"
    r"how) about the|about the|as for|on (?:the|to) |speaking of|let's (?:talk|go|turn|come|get) (?:about|to|on)|"
    r"coming (?:back )?to|by the way|anything else|what else|turning to)"
)


class Stretch:
    """A topic in the making: sentences `first` to `last`, excluded."""

    def __init__(self, first: int, last: int, centre: NDArray[np.float32]) -> None:
        self.first = first
        self.last = last
        self.centre = centre
        """Mean direction of its sentences, of unit length."""


def how_many(seconds: float) -> int:
    """Return how many topics a reader wants of so much talk: 2 of five minutes, 8 of an hour, 17 of five hours."""
    return max(1, round(math.sqrt(seconds / 60)))


def stretches(talk: Talk) -> list[Stretch]:
    """Cut a meeting (at least one sentence) into topics, in time order."""
    weights = np.array([math.sqrt(len(words)) for words in talk.content], np.float32)
    weighted = _centred(talk.vectors) * weights[:, None]
    edges = _edges(talk)
    seconds = talk.sentences[-1].end - talk.sentences[0].start
    number = how_many(seconds)
    cuts = [edges[cut] for cut in _partition(_worth(talk, weighted, weights, edges, number), number)]
    return _joined(list(pairwise(cuts)), weighted, talk.vectors * weights[:, None])


def _edges(talk: Talk) -> list[int]:
    """Return where a topic may begin: first sentences of utterances, or every few sentences where turns are long."""
    count = len(talk)
    starts = [0]
    for place in range(1, count):
        opens = talk.sentences[place].utterance != talk.sentences[place - 1].utterance
        if opens or place - starts[-1] >= 4:
            starts.append(place)
    step = math.ceil(len(starts) / MOST_BLOCKS)
    return [*starts[::step], count]


def _partition(worth: NDArray[np.float64], number: int) -> list[int]:
    """Return the places of the cuts, first and last included, of the best `number` topics or fewer."""
    blocks = len(worth) - 1
    best = worth[0]
    ends = [best[blocks]]
    origins: list[NDArray[np.intp]] = []
    for _ in range(number - 1):
        through = best[:, None] + worth
        origins.append(through.argmax(axis=0))
        best = through[origins[-1], np.arange(blocks + 1)]
        ends.append(best[blocks])
    possible = [count for count, value in enumerate(ends) if np.isfinite(value)]
    cuts = [blocks]
    for origin in reversed(origins[: possible[-1]] if possible else []):
        cuts.append(int(origin[cuts[-1]]))
    return [*reversed(cuts)] if cuts[-1] == 0 else [0, *reversed(cuts)]


def _worth(
    talk: Talk, weighted: NDArray[np.float32], weights: NDArray[np.float32], edges: list[int], number: int
) -> NDArray[np.float64]:
    """Return the worth of a topic from edge i to edge j; -inf if it were too short or long. Shape (edges, edges)."""
    sums = _running(weighted)[edges]
    amount = _running(weights[:, None])[edges, 0]
    times = np.array([sentence.start for sentence in talk.sentences] + [talk.sentences[-1].end])[edges]
    squares = np.einsum("ij,ij->i", sums, sums)
    # |sum of i..j| is what the sentences of a topic have in common; a scattered topic adds up to little.
    worth: NDArray[np.float64] = np.sqrt(np.maximum(squares[None, :] + squares[:, None] - 2 * (sums @ sums.T), 0))
    turns = [edge < len(talk) and says(_TURN, talk.sentences[edge].text) for edge in edges]
    worth += TURN_BONUS * float(weights.mean()) * np.array(turns, float)[:, None]
    lasts = times[None, :] - times[:, None]
    shortest = min(SHORTEST_SECONDS, float(times[-1] - times[0]) / 2)
    worth[(lasts < shortest) | (lasts <= 0)] = -np.inf
    worth[amount[None, :] - amount[:, None] > LONGEST_SHARE / number * amount[-1]] = -np.inf
    return worth


def _running(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return sums of the rows before each row. Shape (rows + 1, columns)."""
    total = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, dtype=np.float64, out=total[1:])
    return total


def _centred(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take away what all sentences of the meeting have in common, so that what sets its parts apart counts."""
    known = np.flatnonzero((vectors != 0).any(axis=1))
    centred = vectors.copy()
    if len(known):
        centred[known] -= vectors[known].mean(axis=0)
    return centred


def _centre(weighted: NDArray[np.float32]) -> NDArray[np.float32]:
    total = weighted.sum(axis=0)
    centre: NDArray[np.float32] = total / max(float(np.linalg.norm(total)), 1e-9)
    return centre


def _joined(spans: list[tuple[int, int]], weighted: NDArray[np.float32], raw: NDArray[np.float32]) -> list[Stretch]:
    """Join neighbours that speak of the same, and give each topic its centre."""
    kept = spans[:1]
    for first, last in spans[1:]:
        before = kept[-1]
        if float(_centre(weighted[slice(*before)]) @ _centre(weighted[first:last])) >= SAME:
            kept[-1] = (before[0], last)
        else:
            kept.append((first, last))
    return [Stretch(first, last, _centre(raw[first:last])) for first, last in kept]
