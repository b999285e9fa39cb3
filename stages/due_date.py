"""A date as it was said, in English, and the day of the meeting -> the day that is meant; None where it is not certain.

What is said of a day that has passed means the next one: nobody promises something for last Tuesday.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

DAYS = tuple(name.lower() for name in calendar.day_name)
MONTHS = tuple(name.lower() for name in calendar.month_name)[1:]
ONES = "first second third fourth fifth sixth seventh eighth ninth".split()
TENS = "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split()
ORDINALS = {
    **{word: number for number, word in enumerate(ONES + TENS, 1)},
    "twentieth": 20,
    "thirtieth": 30,
    "thirty-first": 31,
    **{f"twenty-{word}": 20 + number for number, word in enumerate(ONES, 1)},
}
COUNTS = {
    word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)
} | {"a": 1, "an": 1, "a couple": 2}  # fmt: skip
CLOSING_DAY = 4
"""A working week ends on a Friday."""

_DAY = "|".join(DAYS)
_MONTH = "|".join(MONTHS)
_COUNT = "|".join(sorted(COUNTS, key=len, reverse=True))
_NUMBER = rf"(?P<number>\d{{1,2}}(?:st|nd|rd|th)?|{'|'.join(sorted(ORDINALS, key=len, reverse=True))})"
_VAGUE = re.compile(r"\b(?:or|around|about|maybe|early|beginning|start|middle|mid|before|after|once|when|if)\b")

_BEFORE = re.compile(rf"^before (?=(?:next |{_DAY}|{_MONTH}|{_NUMBER})(?:\s*\w+){{0,1}}$)|\bday after tomorrow\b")
"""What is not vague, though it looks so: before Wednesday."""

Reading = Callable[[re.Match[str], date], date | None]


def due_date(said: str | None, day: date | None) -> date | None:
    """Return the day that a due date means, for a meeting held on `day`."""
    if said is None or day is None:
        return None
    text = re.sub(r"[^\w\s-]", " ", said.lower())
    text = re.sub(r"\b(?:by|on|at|until|till|no later than|the|latest|of)\b", " ", text)
    text = " ".join(re.sub(r"\btwenty (?=\w+(?:st|nd|rd|th)\b)", "twenty-", text).split())
    if _VAGUE.search(_BEFORE.sub("", text)):
        return None
    for pattern, reading in READINGS:
        match = pattern.search(text)
        if match:
            try:
                return reading(match, day)
            except (ValueError, OverflowError):
                return None  # the 31st of April
    return None


def _iso(match: re.Match[str], _: date) -> date:
    return date.fromisoformat(match[0])


def _of_month(match: re.Match[str], day: date) -> date:
    """The 15th of March, March 15."""
    found = date(day.year, MONTHS.index(match["month"]) + 1, _number(match["number"]))
    return found if found >= day else found.replace(year=day.year + 1)


def _numbered_weekday(match: re.Match[str], day: date) -> date | None:
    """Monday the eleventh: both must agree."""
    found = _next_number(_number(match["number"]), day)
    return found if found is not None and found.weekday() == DAYS.index(match["day"]) else None


def _number_alone(match: re.Match[str], day: date) -> date | None:
    """The fifteenth."""
    return _next_number(_number(match["number"]), day)


def _next_number(number: int, day: date) -> date | None:
    for ahead in range(13):
        month = day.month - 1 + ahead
        year, month = day.year + month // 12, month % 12 + 1
        if number <= calendar.monthrange(year, month)[1] and date(year, month, number) >= day:
            return date(year, month, number)
    return None


def _weekday(match: re.Match[str], day: date) -> date | None:
    """Thursday: the next one to come. Next Thursday: that of next week, where both are not the same day."""
    ahead = (DAYS.index(match["day"]) - day.weekday() - 1) % 7 + 1
    which = match["which"] or ""
    if "week" in which or "next" in which:
        monday = day + timedelta(days=7 - day.weekday())
        later = monday + timedelta(days=DAYS.index(match["day"]))
        sooner = day + timedelta(days=ahead)
        # "Next Thursday" on a Monday means this week's to some people and next week's to others.
        return later if "week" in which or later == sooner else None
    return day + timedelta(days=ahead)


def _days(ahead: int) -> Reading:
    return lambda _, day: day + timedelta(days=ahead)


def _counted(match: re.Match[str], day: date) -> date | None:
    """In two weeks."""
    count = int(match["count"]) if match["count"].isdigit() else COUNTS[match["count"]]
    if match["unit"] == "month":
        return _months_later(day, count)
    return day + timedelta(days=count * (7 if match["unit"] == "week" else 1))


def _months_later(day: date, count: int) -> date:
    month = day.month - 1 + count
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _end_of(match: re.Match[str], day: date) -> date | None:
    """The end of the week, of next month, of March, of the year."""
    unit, follows = match["unit"], bool(match["next"])
    if unit == "week":
        monday = day - timedelta(days=day.weekday()) + timedelta(days=7 * follows)
        friday = monday + timedelta(days=CLOSING_DAY)
        return friday if friday >= day else None
    if unit == "month":
        return _last_of(_months_later(day.replace(day=1), int(follows)))
    if unit == "year":
        return date(day.year + follows, 12, 31)
    if unit == "day":
        return day
    month = MONTHS.index(unit) + 1
    return _last_of(date(day.year + (month < day.month), month, 1))


def _last_of(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _number(text: str) -> int:
    return ORDINALS[text] if text in ORDINALS else int(re.sub(r"\D", "", text))


READINGS: tuple[tuple[re.Pattern[str], Reading], ...] = tuple(
    (re.compile(pattern), reading)
    for pattern, reading in (
        (r"\b\d{4}-\d{2}-\d{2}\b", _iso),
        (rf"\bend (?P<next>next |following )?(?:this )?(?P<unit>week|month|year|day|{_MONTH})\b", _end_of),
        (rf"\b{_NUMBER} (?P<month>{_MONTH})\b", _of_month),
        (rf"\b(?P<month>{_MONTH}) {_NUMBER}\b", _of_month),
        (rf"\b(?P<day>{_DAY}) {_NUMBER}\b", _numbered_weekday),
        (rf"\b(?P<which>(?:next week |this |coming |next |following )?)(?P<day>{_DAY})(?! (?:after|in))\b", _weekday),
        (r"\bday after tomorrow\b", _days(2)),
        (r"\btomorrow\b", _days(1)),
        (r"\b(?:today|tonight|this (?:morning|afternoon|evening)|end business|eod|close business)\b", _days(0)),
        (rf"\b(?:in|within) (?:next )?(?P<count>\d+|{_COUNT}) (?:of )?(?P<unit>day|week|month)s?\b", _counted),
        (rf"(?:^|\bthe ){_NUMBER}$", _number_alone),
    )
)
"""In the order in which they are believed."""
