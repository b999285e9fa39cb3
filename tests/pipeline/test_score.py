"""Scores agree with counts made by hand."""

import pytest

from pipeline.score import Said, edits, normal_words, speaker_word_errors, turn_errors, word_errors
from stages.speech import SpeakerTurn


def turn(speaker: str, start: float, end: float) -> SpeakerTurn:
    """Return a turn."""
    return SpeakerTurn(start=start, end=end, speaker=speaker)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mr. O'Neill's 42 % - he'd said, “no”!", "mister o'neill's forty two percent he'd said no"),
        ("In 1984, 105 of 20.", "in one nine eight four one hundred five of twenty"),
        ("Café au lait — déjà-vu", "café au lait déjà vu"),
    ],
)
def test_words_are_compared_without_punctuation_case_and_digits(text: str, words: str) -> None:
    assert normal_words(text) == words.split()


@pytest.mark.parametrize(
    ("reference", "hypothesis", "count"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a x c", 1),
        ("a b c", "b c", 1),
        ("a b", "a b c d", 2),
        ("", "a b", 2),
        ("a b", "", 2),
    ],
)
def test_edits(reference: str, hypothesis: str, count: int) -> None:
    assert edits(reference.split(), hypothesis.split()) == count


def test_word_errors_are_errors_over_reference_words() -> None:
    found = word_errors("ask not what your country can do", "ask what your country could do for")
    assert (found.errors, found.words, found.wer) == (3, 7, 0.4286)


def test_turn_errors_are_told_apart() -> None:
    reference = [turn("a", 0, 10), turn("b", 10, 20)]
    found = turn_errors(reference, [turn("x", 0, 8), turn("y", 10, 18), turn("x", 18, 20), turn("z", 20, 21)])
    assert (found.missed, found.false_alarm, found.confusion) == (0.1, 0.05, 0.1)
    assert found.der == 0.25
    assert found.speakers == (2, 3)
    assert turn_errors(reference, [turn("x", 0, 20)]).confusion == 0.5


def test_overlap_counts_for_each_speaker_and_a_collar_forgives_edges() -> None:
    both = [turn("a", 0, 10), turn("b", 5, 10)]
    assert turn_errors(both, [turn("a", 0, 10)]).missed == pytest.approx(5 / 15, abs=1e-4)
    assert turn_errors([turn("a", 0, 10)], [turn("a", 0.2, 10)]).der == 0.02
    assert turn_errors([turn("a", 0, 10)], [turn("a", 0.2, 10)], collar=0.5).der == 0


def test_words_must_stand_with_the_right_speaker() -> None:
    reference = [Said(0, "ann", "good morning"), Said(2, "bob", "hello there ann")]
    assert speaker_word_errors(reference, [Said(0, "S2", "good morning"), Said(2, "S1", "hello there ann")]).cpwer == 0
    moved = speaker_word_errors(reference, [Said(0, "S2", "good morning hello"), Said(2, "S1", "there ann")])
    assert (moved.cpwer, moved.wer) == (0.4, 0.0)
    nobody = speaker_word_errors(reference, [Said(0, None, "good morning"), Said(2, "S1", "hello there ann")])
    assert nobody.cpwer == 0
    assert speaker_word_errors(reference, []).cpwer == 1
