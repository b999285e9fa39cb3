"""The best CTC path, against every path there is."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.engines.ctc_times import frames_of_tokens, states_of

BLANK = 4


def best_by_trying(log_probs: NDArray[np.float32], tokens: tuple[int, ...]) -> float:
    """Return the score of the best way to say the tokens, found by trying all."""
    best = -np.inf
    for way in product({*tokens, BLANK}, repeat=len(log_probs)):
        said = [now for now, before in zip(way, (None, *way[:-1]), strict=True) if now != before]
        if tuple(token for token in said if token != BLANK) == tokens:
            best = max(best, float(sum(log_probs[frame, token] for frame, token in enumerate(way))))
    return best


def score_of(log_probs: NDArray[np.float32], tokens: tuple[int, ...], spans: NDArray[np.int64]) -> float:
    """Return the score of the way that the spans describe."""
    way = np.full(len(log_probs), BLANK)
    for token, (begin, end) in zip(tokens, spans, strict=True):
        way[begin:end] = token
    return float(log_probs[np.arange(len(way)), way].sum())


def aligned(log_probs: NDArray[np.float32], frames: list[int], tokens: list[tuple[int, ...]]) -> list[object]:
    states, counts = states_of(tokens, BLANK)
    emissions = np.take_along_axis(log_probs, np.repeat(states[:, None], log_probs.shape[1], axis=1), axis=2)
    return list(frames_of_tokens(emissions, np.array(frames), states, counts))


@pytest.mark.parametrize("seed", range(6))
def test_finds_the_best_way_of_all_for_each_of_a_batch(seed: int) -> None:
    random = np.random.default_rng(seed)
    tokens = [(0, 1, 2), (3, 3), (1,)]
    frames = [6, 5, 3]
    log_probs = np.log(random.dirichlet(np.full(BLANK + 1, 0.5), size=(3, 6))).astype(np.float32)
    for row, spans in enumerate(aligned(log_probs, frames, tokens)):
        assert isinstance(spans, np.ndarray) and spans.shape == (len(tokens[row]), 2)
        assert (spans[:, 0] < spans[:, 1]).all() and (spans[1:, 0] >= spans[:-1, 1]).all()
        assert spans[-1, 1] <= frames[row]
        heard = log_probs[row, : frames[row]]
        assert score_of(heard, tokens[row], spans) == pytest.approx(best_by_trying(heard, tokens[row]), abs=1e-4)


def test_what_does_not_fit_has_no_times() -> None:
    log_probs = np.full((3, 4, BLANK + 1), np.log(0.2), np.float32)
    fits, too_many, no_blank_between = aligned(log_probs, [4, 4, 2], [(0, 1, 2, 3), (0, 1, 2, 3, 0), (1, 1)])
    assert isinstance(fits, np.ndarray) and fits.tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]
    assert too_many is None
    assert no_blank_between is None
