from itertools import pairwise

from stages.speech import SpeakerTurn
from stages.turns import exclusive, merge, relabel


def turn(speaker: str, start: float, end: float, track: str = "0") -> SpeakerTurn:
    return SpeakerTurn(start=start, end=end, speaker=speaker, track=track)


def test_merge_joins_one_speakers_turns_over_a_short_pause() -> None:
    turns = [turn("A", 0, 1), turn("B", 0.5, 2), turn("A", 1.25, 3), turn("A", 5, 6)]
    assert merge(turns, pause=0.25) == [turn("A", 0, 3), turn("B", 0.5, 2), turn("A", 5, 6)]


def test_merge_drops_what_is_short_only_after_joining() -> None:
    turns = [turn("A", 0, 0.1), turn("A", 0.1, 0.2), turn("B", 1, 1.1)]
    assert merge(turns, shortest=0.15) == [turn("A", 0, 0.2)]


def test_tracks_are_not_mixed() -> None:
    turns = [turn("A", 0, 2, "1"), turn("A", 1, 3, "2")]
    assert merge(turns) == exclusive(turns) == turns
    assert [labelled.speaker for labelled in relabel(turns)] == ["S1", "S2"]


def test_the_longer_of_two_turns_keeps_the_overlap() -> None:
    turns = [turn("A", 0, 10), turn("B", 4, 5), turn("C", 9, 11)]
    assert exclusive(turns) == [turn("A", 0, 10), turn("C", 10, 11)]


def test_whom_the_engine_hears_keeps_the_overlap() -> None:
    long = SpeakerTurn(start=0, end=10, speaker="A", leads=((0, 4), (5, 10)))
    short = SpeakerTurn(start=4, end=5, speaker="B", leads=((4, 5),))
    silent = SpeakerTurn(start=6, end=7, speaker="C", leads=())
    assert exclusive([long, short, silent]) == [turn("A", 0, 4), turn("B", 4, 5), turn("A", 5, 10)]
    assert exclusive([long, turn("B", 4, 5)])[0].end == 10, "told of one and not of the other is not told"


def test_exclusive_turns_cover_what_the_turns_cover() -> None:
    turns = [turn("A", 0, 4), turn("B", 3, 9), turn("A", 8, 20), turn("C", 8.5, 30), turn("B", 40, 41)]
    alone = exclusive(turns)
    assert all(one.end <= later.start for one, later in pairwise(alone))
    assert sum(one.duration for one in alone) == 31
    assert exclusive(alone) == alone


def test_speakers_are_named_by_first_appearance() -> None:
    turns = [turn("9", 5, 6), turn("3", 1, 2), turn("9", 0, 1)]
    assert relabel(turns) == [turn("S1", 0, 1), turn("S2", 1, 2), turn("S1", 5, 6)]
