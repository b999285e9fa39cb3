"""Corrections over results: found again after every run, whatever engines made it."""

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest

from pipeline.overlays import lay_over
from pipeline.realign import realign
from stages.speech import Span, Utterance, Word
from storage.rows import EditRow, Overlays

HEARD = "the quick brown socks jumps over the lazy dog"


def words(text: str, start: float = 0.0, step: float = 0.5, track: str = "0") -> list[Word]:
    """Return words of 0.4 s, one each half second."""
    return [
        Word(start=start + at * step, end=start + at * step + 0.4, text=text, track=track, confidence=0.5)
        for at, text in enumerate(text.split())
    ]


def said(text: str, start: float = 0.0, speaker: str | None = "S1", track: str = "0") -> Utterance:
    return Utterance.of(words(text, start, track=track), speaker)


def edit(of: Utterance, text: str | None = None, speaker: str | None = None) -> EditRow:
    return EditRow(utterance=of.id, track=of.track, start=of.start, end=of.end, text=text, speaker=speaker)


def shown(utterances: Sequence[Utterance], *edits: EditRow) -> list[tuple[str | None, str]]:
    return [(u.speaker, u.text) for u in lay_over(utterances, Overlays(edits=edits))]


def test_without_changes_nothing_changes() -> None:
    utterances = [said(HEARD), said("yes indeed", 10.0, "S2")]
    assert lay_over(utterances, Overlays()) == utterances


def test_a_corrected_word_keeps_its_time_and_the_others_their_confidence() -> None:
    heard = said(HEARD)
    (made,) = lay_over([heard], Overlays(edits=(edit(heard, HEARD.replace("socks", "fox")),)))
    assert made.id == heard.id
    assert [(w.start, w.end) for w in made.words] == [(w.start, w.end) for w in heard.words]
    assert [w.confidence for w in made.words] == [0.5] * 3 + [None] + [0.5] * 5


def test_punctuation_and_capitals_are_taken_from_the_correction() -> None:
    heard = said("well no i think")
    (made,) = lay_over([heard], Overlays(edits=(edit(heard, "Well, no. I think"),)))
    assert made.text == "Well, no. I think"
    assert [w.confidence for w in made.words] == [0.5] * 4


@pytest.mark.parametrize(
    "text",
    [
        "the very quick brown fox jumps over the lazy dog",
        "quick brown fox jumps over the lazy dog",
        "so the quick brown fox jumps over the lazy dog today",
        "something else",
        "one",
        HEARD + " " + HEARD,
        "the quick brown foxes and hens jump over the lazy dog",
    ],
)
def test_times_stay_in_order_and_inside(text: str) -> None:
    heard = words(HEARD, start=7.0)
    span = Span(start=7.0, end=heard[-1].end)
    made = [placed.word for placed in realign(text, heard, span)]
    assert " ".join(word.text for word in made) == text
    assert all(word.start < word.end for word in made)
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(made))
    assert made[0].start >= 7.0
    assert made[-1].end <= span.end + 1e-9


def test_random_corrections_lose_no_word_and_no_order() -> None:
    rng = random.Random(3)
    names = "alpha bravo charlie delta echo foxtrot golf hotel".split()
    for _ in range(300):
        heard = words(" ".join(rng.choices(names, k=rng.randrange(1, 12))), start=rng.uniform(0, 5))
        text = " ".join(rng.choices(names, k=rng.randrange(1, 14)))
        made = [p.word for p in realign(text, heard, Span(start=heard[0].start, end=heard[-1].end))]
        assert " ".join(word.text for word in made) == text
        assert all(a.start <= a.end <= b.start + 1e-9 for a, b in pairwise(made))


def test_a_correction_survives_a_run_that_hears_and_cuts_differently() -> None:
    first = said(HEARD)
    corrected = edit(first, HEARD.replace("socks", "fox"))
    again = [said("the quick brown box", 0.02), said("jumped over the lazy dog", 2.01, "S2")]
    assert shown(again, corrected) == [("S1", "the quick brown fox"), ("S2", "jumps over the lazy dog")]


def test_a_correction_of_a_part_leaves_the_rest_of_a_longer_utterance() -> None:
    first = [said("the quick brown", 0.0), said("socks jumps", 1.5), said("over the lazy dog", 2.5)]
    again = [said(HEARD.replace("socks", "sox"))]
    assert shown(again, edit(first[1], "fox jumps")) == [("S1", "the quick brown fox jumps over the lazy dog")]


def test_a_correction_where_nothing_is_heard_any_more_still_stands() -> None:
    first = said("hello there", 5.0)
    assert shown([said("later", 20.0)], edit(first, "Hello there!")) == [(None, "Hello there!"), ("S1", "later")]


def test_other_tracks_are_left_alone() -> None:
    one, two = said("hello there"), said("hello there", track="1")
    assert shown([one, two], edit(two, "good day")) == [("S1", "hello there"), ("S1", "good day")]


def test_an_utterance_moves_to_another_speaker_and_takes_its_part_along_after_a_run() -> None:
    first = [said("yes we can", 0.0), said("no you cannot", 1.5)]
    moved = edit(first[1], speaker="S2")
    assert shown(first, moved) == [("S1", "yes we can"), ("S2", "no you cannot")]
    assert shown([said("yes we can no you cannot")], moved) == [("S1", "yes we can"), ("S2", "no you cannot")]


def test_pieces_of_a_divided_utterance_have_names_of_their_own() -> None:
    first = said("no you cannot", 1.5)
    whole = said("yes we can no you cannot")
    made = lay_over([whole], Overlays(edits=(edit(first, speaker="S2"),)))
    assert [u.id for u in made] == [whole.id, "0-24000"]


def test_words_and_speaker_of_one_utterance() -> None:
    first = said("no you cannot")
    both = edit(first, text="No, you can't.", speaker="S7")
    assert shown([first], both) == [("S7", "No, you can't.")]


def test_a_second_correction_is_laid_over_the_first() -> None:
    first = [said("one two", 0.0), said("three four", 1.0)]
    after_merge = EditRow(utterance="0-0", track="0", start=0.0, end=1.9, text="1 2 3 4")
    assert shown(first, edit(first[1], "tree fore"), after_merge) == [("S1", "1 2"), ("S1", "3 4")]


def test_utterances_that_touch_at_the_edge_keep_their_words() -> None:
    first = [said("a b", 0.0), said("c d", 0.9)]
    assert shown(first, edit(first[0], "x y")) == [("S1", "x y"), ("S1", "c d")]


def test_overlapping_utterance_of_someone_else_is_left_alone() -> None:
    long, short = said("a b c d e f", 0.0), said("mhm", 1.05, "S2")
    assert shown([long, short], edit(long, "a b c d e g")) == [("S1", "a b c d e g"), ("S2", "mhm")]


def test_merged_speakers_are_one_also_where_they_overlap() -> None:
    utterances = [Utterance.of(words("hello"), "S2", ["S1", "S3"]), said("yes", 3.0, "S1")]
    made = lay_over(utterances, Overlays(merged={"S2": "S1"}))
    assert [(u.speaker, u.overlaps) for u in made] == [("S1", ("S3",)), ("S1", ())]


def test_a_move_to_a_speaker_who_was_merged_follows_the_merge() -> None:
    first = said("hello")
    made = lay_over([first], Overlays(edits=(edit(first, speaker="S2"),), merged={"S2": "S3"}))
    assert [u.speaker for u in made] == ["S3"]
