"""Passages that a model has room for."""

from pipeline.asking.passage import Citation, Passage
from pipeline.asking.room import LETTERS, fewer, fitting, lines_of


def passage(start: float, letters: int, lines: int = 3) -> Passage:
    made = tuple(
        Citation(
            meeting="m", title="M", utterance=f"0-{start + at}", start=start + at, end=start + at + 1, speaker="S1",
            text="x" * (letters // lines),
        )
        for at in range(lines)
    )  # fmt: skip
    return Passage(meeting="m", title="M", lines=made, best=lines // 2, score=1.0)


def test_the_best_that_fit_are_taken_and_one_at_least() -> None:
    best_first = [passage(start, 3000) for start in (50.0, 10.0, 90.0, 30.0, 70.0, 20.0)]
    assert fitting(best_first, 8192) == best_first[:4], "of a large window half"
    assert fitting(best_first, 131_072) == best_first[:4], "more makes no answer better"
    assert fitting(best_first, 4096) == fitting(best_first, None) == best_first[:3]
    assert fitting(best_first, 2048) == fitting(best_first, 512) == best_first[:1]
    assert fitting([passage(0.0, 2 * LETTERS)], None), "it may fit all the same"
    assert fitting([], None) == []


def test_what_was_too_much_becomes_less_until_nothing_can_be_left_out() -> None:
    given, counts = [passage(start, 300) for start in (50.0, 10.0, 90.0)], []
    while given:
        counts.append(sum(len(each.lines) for each in given))
        given = fewer(given)
    assert counts == [9, 3, 1]
    only = fewer([passage(0.0, 300)])
    assert [line.utterance for line in only[0].lines] == ["0-1.0"] and only[0].best == 0


def test_lines_stand_in_the_order_in_which_they_were_said() -> None:
    lines = lines_of([passage(50.0, 300), passage(10.0, 300)])
    assert [line.start for line in lines] == [10.0, 11.0, 12.0, 50.0, 51.0, 52.0]
