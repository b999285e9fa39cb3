import numpy as np
import pytest

from stages.level import Levelling, factor, finite, levels


def test_the_level_of_a_frame_is_its_power() -> None:
    square = np.tile(np.array([0.1, -0.1], np.float32), 512)
    assert levels(square, 512) == pytest.approx([-20.0, -20.0], abs=0.01)


def test_only_whole_frames_count() -> None:
    assert levels(np.zeros(1000, np.float32), 512).shape == (1,)


def test_quiet_sound_is_made_louder_and_loud_sound_is_left() -> None:
    levelling = Levelling(target_decibels=-40, most_decibels=20)
    assert levelling.decibels(np.full(100, -52.4)) == 12
    assert levelling.decibels(np.full(100, -10.0)) == 0
    assert levelling.decibels(np.full(100, -80.0)) == 20


def test_a_few_loud_frames_set_the_level_of_a_quiet_room() -> None:
    assert Levelling().decibels(np.r_[np.full(90, -70.0), np.full(10, -50.0)]) == 10


def test_digital_silence_tells_nothing() -> None:
    assert Levelling().decibels(np.full(100, -120.0)) == 0
    assert Levelling().decibels(np.r_[np.full(900, -120.0), np.full(10, -50.0)]) == 10


def test_factor_of_twenty_decibels_is_ten() -> None:
    assert factor(20) == pytest.approx(10)


def test_what_is_not_a_number_becomes_silence() -> None:
    strange = np.array([np.nan, np.inf, -np.inf, 2, -0.5], np.float32)
    assert finite(strange).tolist() == [0, 0, 0, 1, -0.5]
