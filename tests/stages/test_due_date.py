"""Dates as people say them mean a day, or nothing where that is not certain."""

from datetime import date

import pytest

from stages.due_date import due_date

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("by Thursday", "2026-11-26"),
        ("on Friday", "2026-11-27"),
        ("on Thursday morning", "2026-11-26"),
        ("Wednesday next week", "2026-11-25"),
        ("by the end of next week", "2026-11-27"),
        ("by the end of the week", "2026-11-20"),
        ("end of the month", "2026-11-30"),
        ("by the end of March", "2027-03-31"),
        ("tomorrow", "2026-11-21"),
        ("the day after tomorrow", "2026-11-22"),
        ("this afternoon", "2026-11-20"),
        ("in two weeks", "2026-12-04"),
        ("within a couple of days", "2026-11-22"),
        ("the eleventh", "2026-12-11"),
        ("Monday the twenty-third", "2026-11-23"),
        ("the 3rd of April", "2027-04-03"),
        ("December 1st", "2026-12-01"),
        ("2026-12-24", "2026-12-24"),
        ("before Wednesday", "2026-11-25"),
    ],
)
def test_what_is_said_means_a_day(said: str, meant: str) -> None:
    assert due_date(said, FRIDAY) == date.fromisoformat(meant)


@pytest.mark.parametrize(
    "said",
    [
        "after lunch",
        "next week",
        "early next week",
        "around the tenth",
        "Thursday or Friday",
        "before Christmas",
        "before the board meets on Monday",
        "once the bank has answered",
        "Monday the eleventh",
        "the 31st of April",
        "in ten minutes",
        "the second one",
    ],
)
def test_what_is_not_certain_stays_unknown(said: str) -> None:
    assert due_date(said, FRIDAY) is None


def test_next_thursday_is_certain_only_where_both_readings_agree() -> None:
    assert due_date("next Thursday", FRIDAY) == date(2026, 11, 26)
    assert due_date("next Thursday", date(2026, 11, 23)) is None


def test_without_a_day_of_the_meeting_nothing_is_known() -> None:
    assert due_date("tomorrow", None) is None
    assert due_date(None, FRIDAY) is None
