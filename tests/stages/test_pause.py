import numpy as np
import pytest
from numpy.typing import NDArray

from stages.pause import halves, pieces, quietest

RATE = 16_000


def with_pause(length: float, *pauses: float) -> NDArray[np.float32]:
    sound = np.random.default_rng(0).normal(0, 0.1, int(length * RATE)).astype(np.float32)
    for pause in pauses:
        sound[int((pause - 0.1) * RATE) : int((pause + 0.1) * RATE)] *= 0.01
    return sound


def test_the_quietest_place_is_the_middle_of_the_pause() -> None:
    assert quietest(with_pause(10, 6.3), 0, 10 * RATE) / RATE == pytest.approx(6.3, abs=0.06)


def test_pieces_and_halves_are_the_whole_cut_at_pauses() -> None:
    sound = with_pause(70, 27, 50)
    cut = pieces(sound, 30 * RATE)
    assert [len(piece) / RATE for piece in cut] == pytest.approx([27, 23, 20], abs=0.06)
    assert np.array_equal(np.concatenate(cut), sound)
    assert [len(half) / RATE for half in halves(with_pause(8, 1, 3.1))] == pytest.approx([3.1, 4.9], abs=0.06)


def test_what_is_short_enough_stays_whole() -> None:
    assert [len(piece) for piece in pieces(with_pause(3, 1), 3 * RATE)] == [3 * RATE]
    assert [len(piece) for piece in pieces(np.zeros(0, np.float32), RATE)] == [0]
