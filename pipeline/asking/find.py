"""A question and what was said -> the passages that fit best: by meaning and by words, fused, and looked at again."""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from anyio import to_thread
from numpy.typing import NDArray

from pipeline.asking.passage import Passage, Said
from pipeline.asking.terms import Matches, asked
from pipeline.asking.vectors import TextVectors

FUSION = 60.0
"""Source: Cormack, Clarke and Buettcher, Reciprocal Rank Fusion, 2009."""
CANDIDATES = 24
"""Utterances of all meetings that are looked at again, with their neighbours."""
PER_MEETING = 12
"""Utterances of one meeting that may be among them."""
NEIGHBOURS = 1
"""Utterances before and after that belong to a passage: an answer rarely stands without its question."""
WORDS_WEIGHT = 0.35
"""How much the words of the question count beside its meaning, where passages are compared."""
MOST = 6
"""Passages that an answer may rest on."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What fits a question."""

    passages: tuple[Passage, ...]
    """Best first."""
    fits: float
    """How well the best one fits, 0..1: `asking.ask.FITS` says from where on it was said at all."""


class _Candidate(msgspec.Struct, frozen=True):
    said: Said
    at: int
    fused: float


async def find(question: str, meetings: Iterable[Said], vectors: TextVectors) -> Found:
    """Return the passages of meetings that fit a question best. Raises EngineError."""
    about = asked(question)
    wanted = await vectors.of_question(question)
    pool: list[_Candidate] = []
    meetings = [said for said in meetings if said.rows]
    words = await to_thread.run_sync(Matches, [row.text for said in meetings for row in said.rows])
    for said in meetings:
        pool += await _of_one(said, about, wanted, vectors)
    pool = sorted(pool, key=lambda each: -each.fused)[:CANDIDATES]
    if not pool:
        return Found(passages=(), fits=0.0)
    windows = [_window(each) for each in pool]
    texts = [" ".join(each.said.rows[at].text for at in window) for each, window in zip(pool, windows, strict=True)]
    alike = (await vectors.embed(texts)) @ wanted
    alone = (await vectors.embed([each.said.rows[each.at].text for each in pool])) @ wanted
    meaning = np.maximum(alike, alone)
    covered = np.array([words.covered(about, text) for text in texts], np.float32)
    scores = (1 - WORDS_WEIGHT) * meaning + WORDS_WEIGHT * covered
    order = np.argsort(-scores, kind="stable")
    return Found(passages=_passages(pool, windows, scores, order), fits=float(max(0.0, scores[order[0]])))


async def _of_one(
    said: Said, about: Sequence[str], wanted: NDArray[np.float32], vectors: TextVectors
) -> list[_Candidate]:
    """Return the utterances of one meeting that fit best, by the ranks that meaning and words give them."""
    texts = [row.text for row in said.rows]
    matrix, owners = await vectors.of_meeting(said.meeting, texts)
    meaning = np.full(len(texts), -1.0, np.float32)
    np.maximum.at(meaning, owners, matrix @ wanted)
    words = (await to_thread.run_sync(Matches, texts)).scores(about)
    fused = 1 / (FUSION + _ranks(meaning)) + np.where(words > 0, 1 / (FUSION + _ranks(words)), 0)
    # Ranks of different meetings say nothing about each other: how alike the best one is does.
    fused += 0.1 * meaning
    best = np.argsort(-fused, kind="stable")[:PER_MEETING]
    return [_Candidate(said, int(at), float(fused[at])) for at in best]


def _ranks(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    ranks = np.empty(len(scores), np.float32)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return ranks


def _window(candidate: _Candidate) -> range:
    at, count = candidate.at, len(candidate.said.rows)
    return range(max(0, at - NEIGHBOURS), min(count, at + NEIGHBOURS + 1))


def _passages(
    pool: Sequence[_Candidate], windows: Sequence[range], scores: NDArray[np.float32], order: Iterable[np.intp]
) -> tuple[Passage, ...]:
    """Return the best passages; one that lies within another that is better is no passage of its own."""
    taken: set[tuple[str, int]] = set()
    made: list[Passage] = []
    for number in map(int, order):
        candidate, window = pool[number], windows[number]
        said = candidate.said
        if (said.meeting, candidate.at) in taken:
            continue
        lines = [at for at in window if (said.meeting, at) not in taken]
        taken |= {(said.meeting, at) for at in lines}
        made.append(
            Passage(
                meeting=said.meeting,
                title=said.title,
                lines=tuple(said.cited(at) for at in lines),
                best=lines.index(candidate.at),
                score=round(float(scores[number]), 4),
            )
        )
        if len(made) == MOST:
            break
    return tuple(made)
