from collections.abc import Iterable

import pytest

from stages.stretches import Closed, Detection, Forgotten, Stretches

FRAME = 1600
"""Samples: a tenth of a second, so that times are easy to read."""
DETECTION = Detection(min_speech_seconds=0.2)
"""A stretch needs 2 likely frames, 6 quiet ones close it, 3 are added on each side, 150 are the most."""


def heard(probabilities: Iterable[float], detection: Detection = DETECTION) -> list[Closed | Forgotten]:
    stretches = Stretches(detection, FRAME)
    events = list(stretches.hear(probabilities))
    forgotten = bool(events) and isinstance(events[-1], Forgotten)
    return events if forgotten else [*events, *stretches.end()]


def test_a_stretch_is_padded_on_both_sides() -> None:
    assert heard([0] * 10 + [1] * 5 + [0] * 10) == [Closed(7, 18)]


def test_padding_ends_where_the_sound_does() -> None:
    assert heard([0] + [1] * 5 + [0]) == [Closed(0, 7)]


def test_a_short_pause_does_not_part_what_a_long_one_parts() -> None:
    assert heard([1] * 5 + [0] * 5 + [1] * 5) == [Closed(0, 15)]
    assert heard([1] * 5 + [0] * 6 + [1] * 5) == [Closed(0, 8), Closed(8, 16)]


def test_doubt_keeps_a_stretch_open_but_opens_none() -> None:
    assert heard([0.2] * 20) == []
    assert heard([1] * 2 + [0.2] * 20 + [0] * 9) == [Closed(0, 25)]


def test_a_click_is_no_speech() -> None:
    assert heard([0] * 10 + [1] + [0] * 10) == []


def test_a_stretch_closes_as_soon_as_it_is_certain() -> None:
    stretches = Stretches(DETECTION, FRAME)
    assert list(stretches.hear([1] * 5 + [0] * 5)) == []
    assert list(stretches.hear([0])) == [Closed(0, 8)]


def test_the_open_stretch_is_told_once_it_is_sure() -> None:
    stretches = Stretches(DETECTION, FRAME)
    assert list(stretches.hear([0] * 5 + [1])) == []
    assert stretches.open is None
    assert list(stretches.hear([1, 0])) == []
    assert stretches.open == Closed(2, 8)
    assert list(stretches.hear([0] * 3)) == []
    assert stretches.open == Closed(2, 10)


def test_a_monologue_is_cut_at_its_best_pause_and_nothing_is_lost() -> None:
    talk = [1.0] * 120 + [0.3] * 6 + [1.0] * 100
    assert heard(talk) == [Closed(0, 123), Closed(123, 226)]


def test_of_equal_pauses_the_last_is_taken() -> None:
    assert heard([1.0] * 300)[0] == Closed(0, 147)


def test_one_unlikely_frame_is_no_pause() -> None:
    talk = [1.0] * 120 + [0.5] * 6 + [1.0] * 8 + [0.1] + [1.0] * 100
    assert heard(talk)[0] == Closed(0, 123)


def test_a_word_right_after_a_cut_is_kept_however_short() -> None:
    talk = [1.0] * 130 + [0] * 5 + [1.0] * 12 + [0] * 2 + [1.0]
    assert heard([*talk, *[0] * 20]) == [Closed(0, 133), Closed(133, 153)]


def test_a_stretch_that_ends_in_a_pause_at_its_longest_is_closed_there() -> None:
    assert heard([1.0] * 146 + [0] * 4 + [1.0] * 5) == [Closed(0, 149), Closed(149, 155)]


def test_silence_is_forgotten_after_a_while() -> None:
    assert heard([0] * 1000) == [Forgotten(450)]


def test_speech_close_to_the_mark_keeps_its_padding() -> None:
    assert heard([0] * 446 + [1] * 9 + [0] * 9) == [Closed(443, 458), Forgotten(458)]
    assert heard([0] * 449 + [1] * 9 + [0] * 9) == [Closed(446, 461), Forgotten(461)]


def test_speech_that_opens_late_is_left_to_the_next_section() -> None:
    assert heard([0] * 436 + [1] * 5 + [0] * 6 + [0.2] * 20 + [1] * 9) == [Closed(433, 444), Forgotten(464)]


def test_a_monologue_is_forgotten_at_a_cut() -> None:
    events = heard([1.0] * 1000)
    *closed, mark = events
    assert [event.last for event in closed if isinstance(event, Closed)] == [147, 294, 441, 588]
    assert mark == Forgotten(588)


def test_endless_doubt_is_forgotten_within_a_minute() -> None:
    assert heard([0.2] * 1000) == [Forgotten(597)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"close_probability": 0.4},
        {"open_probability": 1.1},
        {"pad_seconds": 0.7},
        {"pause_search_seconds": 15.0},
        {"mark_within_seconds": 50.0},
    ],
)
def test_figures_that_do_not_go_together_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Detection needs"):
        Detection(**wrong)
