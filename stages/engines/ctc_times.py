"""Log-probabilities of a CTC model, and tokens known to have been said -> in which frames each was said."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NEVER = np.float32(-1e30)
"""Log-probability of what cannot be; finite, so that sums of it stay comparable."""


def states_of(tokens: Sequence[Sequence[int]], blank: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the CTC states of each sentence, blank first, last and between tokens, and how many there are.

    Shape (sentences, states), (sentences,). What is beyond the end of a shorter sentence is blank.
    """
    counts = np.array([2 * len(sentence) + 1 for sentence in tokens], np.int64)
    states = np.full((len(tokens), int(counts.max(initial=1))), blank, np.int64)
    for row, sentence in enumerate(tokens):
        states[row, 1 : 2 * len(sentence) : 2] = sentence
    return states, counts


def frames_of_tokens(
    emissions: NDArray[np.float32], frames: NDArray[np.int64], states: NDArray[np.int64], counts: NDArray[np.int64]
) -> list[NDArray[np.int64] | None]:
    """Return for each sentence the first frame of each token and the one after its last; None where they do not fit.

    `emissions`, shape (sentences, frames, states), are the log-probabilities of each state in each frame; `frames`
    says how many of them count. Shape of an answer (tokens, 2).
    Source: Graves et al., Connectionist Temporal Classification, 2006; the best path instead of the sum of all.
    """
    rows = np.arange(len(states))
    scores, moves = _forward(emissions, frames, states)
    # A sentence ends in its last token or in the blank after it.
    last = np.where(scores[rows, counts - 1] >= scores[rows, np.maximum(counts - 2, 0)], counts - 1, counts - 2)
    last = np.maximum(last, 0)
    fits = scores[rows, last] > NEVER / 2
    path = _backward(moves, frames, last)
    answers: list[NDArray[np.int64] | None] = []
    for row in rows:
        spoken = np.arange(1, counts[row], 2)
        way = path[row, : frames[row]]
        begin, end = (np.searchsorted(way, spoken, side) for side in ("left", "right"))
        answers.append(np.stack([begin, end], axis=1) if fits[row] else None)
    return answers


def _forward(
    emissions: NDArray[np.float32], frames: NDArray[np.int64], states: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return the score of each state in each sentence's last frame, and by how many states each step moved on."""
    sentences, length, width = emissions.shape
    skips = np.zeros(states.shape, bool)
    skips[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]  # the blank between two unlike tokens may be left out
    score = np.full((sentences, width), NEVER, np.float32)
    score[:, :2] = emissions[:, 0, :2]
    final = score.copy()
    moves = np.zeros((length, sentences, width), np.uint8)
    for frame in range(1, length):
        stepped, skipped = np.full_like(score, NEVER), np.full_like(score, NEVER)
        stepped[:, 1:] = score[:, :-1]
        skipped[:, 2:] = np.where(skips[:, 2:], score[:, :-2], NEVER)
        moves[frame] = stepped > score
        best = np.maximum(score, stepped)
        moves[frame][skipped > best] = 2
        score = np.maximum(np.maximum(best, skipped) + emissions[:, frame], NEVER)
        ends = frames == frame + 1
        final[ends] = score[ends]
    return final, moves


def _backward(moves: NDArray[np.uint8], frames: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the state of each sentence in each frame, shape (sentences, frames)."""
    length, sentences, _ = moves.shape
    rows = np.arange(sentences)
    path = np.zeros((sentences, length), np.int64)
    state = last.copy()
    for frame in range(length - 1, -1, -1):
        path[:, frame] = state
        state = state - np.where(frame < frames, moves[frame, rows, state], 0)
    return path
