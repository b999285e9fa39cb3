import numpy as np
import pytest
from numpy.typing import NDArray

from stages.diarize import SpeakerCount
from stages.reconstruct import SILENT
from stages.speakers_so_far import Likeness, SpeakersSoFar
from tests.stages.made_up_talk import FRAMES, Talk, agree, in_turn

Labels = NDArray[np.int64]


def named(talk: Talk, floor: Labels, speakers: SpeakersSoFar) -> tuple[Labels, Labels]:
    """Return who each voice was said to be when it was heard, and who it is."""
    heard, vectors, truth = talk.windows(floor)
    told = []
    for window, rows in zip(heard, vectors, strict=True):
        speakers.hear(window, rows)
        told.append(speakers.latest(1)[0])
    return np.array(told), truth


@pytest.mark.parametrize("people", [1, 2, 4, 6])
def test_people_are_known_again(people: int) -> None:
    told, truth = named(Talk(people), in_turn(people, 1800), SpeakersSoFar(FRAMES, SpeakerCount()))
    assert agree(told[8:], truth[8:])


def test_two_who_were_taken_for_one_are_two_once_enough_is_heard() -> None:
    talk = Talk(2, spread=0.3, closeness=0.6)
    speakers = SpeakersSoFar(FRAMES, SpeakerCount(), Likeness(same=0.0))
    told, truth = named(talk, np.concatenate([in_turn(1, 400), in_turn(2, 1200)]), speakers)
    assert agree(told[-20:], truth[-20:])


def test_no_more_speakers_than_there_are() -> None:
    told, _ = named(Talk(4), in_turn(4, 1200), SpeakersSoFar(FRAMES, SpeakerCount(at_most=2)))
    assert len(set(told[8:].ravel()) - {SILENT}) == 2


def test_silence_is_nobody() -> None:
    told, truth = named(Talk(1), np.full(300, -1), SpeakersSoFar(FRAMES, SpeakerCount()))
    assert (told == SILENT).all() and (truth == SILENT).all()


def test_a_long_meeting_keeps_its_names_though_windows_are_forgotten() -> None:
    speakers = SpeakersSoFar(FRAMES, SpeakerCount(), Likeness(windows=40))
    told, truth = named(Talk(3), in_turn(3, 6000), speakers)
    assert agree(told[8:], truth[8:])
