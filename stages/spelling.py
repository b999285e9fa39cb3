"""A word as written -> the words an English reader says for it."""

import re
import unicodedata

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred"))
MOST = 10**15
"""Numbers from here on are read digit by digit."""

SYMBOLS = {"%": "percent", "&": "and", "+": "plus", "=": "equals", "@": "at", "°": "degrees"}
CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds"}
SHORT = {"mr": ["mister"], "mrs": ["missus"], "dr": ["doctor"], "vs": ["versus"], "etc": ["et", "cetera"]}
ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}

PART = re.compile(r"(?P<whole>\d+(?:,\d{3})*)(?:\.(?P<digits>\d+))?(?P<kind>st|nd|rd|th|s)?|[a-z']+|[$€£%&+=@°]")


def spoken(word: str) -> list[str]:
    """Return what is said for a written word, in lower case: "42" is forty two, a mere dash is nothing."""
    said: list[str] = []
    money: list[str] = []
    plain = unicodedata.normalize("NFKD", word.lower().replace("\u2019", "'"))
    for part in PART.finditer("".join(letter for letter in plain if not unicodedata.combining(letter))):
        text = part[0].strip("'")
        if text in CURRENCIES:
            money.append(CURRENCIES[text])
        elif part["whole"]:
            said += _amount(part)
        elif text:
            said += SHORT.get(text) or [SYMBOLS.get(text, text)]
    return said + money


def cardinal(value: int) -> list[str]:
    """Return a number in words: 342 is three hundred forty two."""
    if value < 20:
        return [UNITS[value]]
    if value < 100:
        return [TENS[value // 10], *_rest(value % 10)]
    size, name = next(scale for scale in SCALES if value >= scale[0])
    return [*cardinal(value // size), name, *_rest(value % size)]


def _rest(value: int) -> list[str]:
    return cardinal(value) if value else []


def _amount(part: re.Match[str]) -> list[str]:
    whole, kind = part["whole"].replace(",", ""), part["kind"]
    if _is_year(part) and int(whole) % 1000 >= 10:
        words = [*cardinal(int(whole[:2])), *(cardinal(int(whole[2:])) if whole[2:] != "00" else ["hundred"])]
    elif int(whole) >= MOST or (len(whole) > 1 and whole[0] == "0"):
        words = [UNITS[int(digit)] for digit in whole]
    else:
        words = cardinal(int(whole))
    if part["digits"]:
        words += ["point", *(UNITS[int(digit)] for digit in part["digits"])]
    if kind:
        words[-1] = _plural(words[-1]) if kind == "s" else _ordinal(words[-1])
    return words


def _is_year(part: re.Match[str]) -> bool:
    return len(part["whole"]) == 4 and part["whole"][:2] in ("16", "17", "18", "19", "20") and not part["digits"]


def _plural(word: str) -> str:
    return word[:-1] + "ies" if word.endswith("y") else word + "s"


def _ordinal(word: str) -> str:
    return ORDINALS.get(word) or (word[:-1] + "ieth" if word.endswith("y") else word + "th")
