import pytest

from stages.sounds import sounds
from stages.spelling import spoken


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("Hello,", "hello"),
        ("don\u2019t", "don't"),
        ("'tis", "tis"),
        ("cold-hearted", "cold hearted"),
        ("café", "cafe"),
        ("—", ""),
        ("Mr.", "mister"),
        ("AT&T", "at and t"),
        ("42", "forty two"),
        ("007", "zero zero seven"),
        ("342", "three hundred forty two"),
        ("1,250,000", "one million two hundred fifty thousand"),
        ("3.5%", "three point five percent"),
        ("$5,000", "five thousand dollars"),
        ("8:30", "eight thirty"),
        ("20-year-old", "twenty year old"),
        ("1st", "first"),
        ("21st", "twenty first"),
        ("12th", "twelfth"),
        ("30th", "thirtieth"),
        ("1990s", "nineteen nineties"),
        ("1984", "nineteen eighty four"),
        ("1800", "eighteen hundred"),
        ("2000", "two thousand"),
        ("2026", "twenty twenty six"),
        ("9" * 16, "nine " * 15 + "nine"),
    ],
)
def test_a_word_is_spelled_out_as_it_is_said(word: str, said: str) -> None:
    assert " ".join(spoken(word)) == said


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("moonshine", "M UW N SH IH N"),
        ("kubernetes", "K AH B ER N EH T EH S"),
        ("litte", "L IH T"),
        ("station", "S T AE SH AH N"),
        ("", ""),
    ],
)
def test_an_unknown_word_gets_rough_sounds(word: str, phones: str) -> None:
    assert sounds(word) == phones
