import numpy as np
import pytest
from numpy.typing import NDArray

from stages.guards import Guards, judge
from stages.heard import Heard, HeardWord

LOUD = np.full(10 * 16_000, 0.1, np.float32)


def judged(text: str, confidence: float | None = 0.9, sound: NDArray[np.float32] = LOUD) -> str:
    heard = Heard(tuple(HeardWord(word, confidence) for word in text.split()), "en")
    return " ".join(word.text for word in judge(heard, sound, Guards()).words)


@pytest.mark.parametrize(
    "text",
    [
        "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness.",
        "No, no, no, no, no.",
        "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.",
        "Okay, so. Okay, so. Okay, so.",
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10.",
        "",
    ],
)
def test_what_people_say_is_left_alone(text: str) -> None:
    assert judged(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("you have to have " + "a little bit of " * 9 + "a lit", "you have to have a little bit of a lit"),
        ("Mm-hmm " * 20, "Mm-hmm"),
        ("The age of some foolishness. " * 3, "The age of some foolishness."),
        ("He said hahahahahahahahahahahahahahaha", "He said"),
        ("Yes. Yes, yes, yes! Yes yes yes yes.", "Yes."),
    ],
)
def test_loops_are_said_once(text: str, left: str) -> None:
    assert judged(text) == left


def test_improbable_text_is_not_believed_and_text_without_probabilities_is() -> None:
    assert judged("Thank you for watching", 0.2) == ""
    assert judged("Thank you for watching", None) == "Thank you for watching"


def test_nothing_is_heard_in_silence_and_more_than_anybody_can_say_nowhere() -> None:
    assert judged("You", sound=np.full(16_000, 1e-5, np.float32)) == ""
    assert judged(" ".join(map(str, range(200)))) == ""


def test_other_scripts_are_not_english() -> None:
    assert judged("ตวบนลาง") == ""
    assert judged("A naïve café") == "A naïve café"
