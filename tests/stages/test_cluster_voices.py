import msgspec
import numpy as np
import pytest

from stages.cluster_voices import Rules, label_voices
from stages.diarize import SpeakerCount
from stages.reconstruct import SILENT
from tests.stages.made_up_talk import FRAMES, Talk, agree, in_turn


@pytest.mark.parametrize("people", [1, 2, 3, 5, 8])
def test_people_are_told_apart_whatever_the_order_in_a_window(people: int) -> None:
    heard, vectors, truth = Talk(people).windows(in_turn(people, 2400))
    assert agree(label_voices(heard, vectors, FRAMES, SpeakerCount(), Rules()), truth)


@pytest.mark.parametrize("wanted", [1, 2, 3, 4, 5, 6])
def test_an_exact_count_is_kept(wanted: int) -> None:
    heard, vectors, truth = Talk(4).windows(in_turn(4, 2400))
    labels = label_voices(heard, vectors, FRAMES, SpeakerCount(at_least=wanted, at_most=wanted), Rules())
    assert len(np.unique(labels[labels != SILENT])) == wanted
    assert agree(labels, truth) == (wanted == 4)


@pytest.mark.parametrize(("least", "most", "found"), [(1, 3, 3), (1, 9, 4), (5, None, 5), (2, 4, 4)])
def test_a_count_between_bounds_is_kept(least: int, most: int | None, found: int) -> None:
    heard, vectors, _ = Talk(4).windows(in_turn(4, 2400))
    labels = label_voices(heard, vectors, FRAMES, SpeakerCount(at_least=least, at_most=most), Rules())
    assert len(np.unique(labels[labels != SILENT])) == found


def test_a_cough_takes_no_place_from_a_speaker() -> None:
    floor = in_turn(3, 2400)
    floor[1210:1225] = 3
    talk = Talk(4)
    heard, vectors, truth = talk.windows(floor)
    open_labels = label_voices(heard, vectors, FRAMES, SpeakerCount(), Rules())
    assert len(np.unique(open_labels[open_labels != SILENT])) == 4
    labels = label_voices(heard, vectors, FRAMES, SpeakerCount(at_most=3), Rules())
    assert agree(np.where(truth == 3, SILENT, labels), np.where(truth == 3, SILENT, truth))


def test_two_voices_of_a_window_are_two_people_if_there_are_two() -> None:
    heard, vectors, _ = Talk(2, spread=3.0).windows(in_turn(2, 1200))
    labels = label_voices(heard, vectors, FRAMES, SpeakerCount(at_least=2, at_most=2), Rules())
    assert all(sorted(row.tolist()) == [SILENT, 0, 1] for row in labels)


def test_voices_that_differ_little_but_clearly_are_told_apart_in_a_long_talk() -> None:
    heard, vectors, truth = Talk(2, closeness=1.0, spread=0.2, seed=3).windows(in_turn(2, 4800, each=400))
    rules = Rules(other_distance=0.0, other_share=-1)
    assert agree(label_voices(heard, vectors, FRAMES, SpeakerCount(), rules), truth)
    never = msgspec.structs.replace(rules, enough=10_000)
    assert not agree(label_voices(heard, vectors, FRAMES, SpeakerCount(), never), truth)


def test_a_voice_without_a_print_is_somebody_and_silence_is_nobody() -> None:
    heard, vectors, truth = Talk(3).windows(in_turn(3, 1200))
    vectors[::4, 0] = np.nan
    labels = label_voices(heard, vectors, FRAMES, SpeakerCount(), Rules())
    assert ((labels == SILENT) == (truth == SILENT)).all()
    assert set(labels[::4, 0].tolist()) <= {0, 1, 2}
    for row in labels:
        named = row[row != SILENT]
        assert len(set(named.tolist())) == len(named)


def test_without_any_print_there_is_one_speaker() -> None:
    heard, vectors, truth = Talk(2).windows(in_turn(2, 600))
    labels = label_voices(heard, np.full_like(vectors, np.nan), FRAMES, SpeakerCount(), Rules())
    assert (labels == np.where(truth == SILENT, SILENT, 0)).all()


def test_of_a_long_meeting_some_voices_found_the_speakers_and_the_rest_follow() -> None:
    heard, vectors, truth = Talk(4).windows(in_turn(4, 12_000))
    assert agree(label_voices(heard, vectors, FRAMES, SpeakerCount(), Rules(most=120)), truth)
