"""Utterances in, sentences out: also where nobody wrote punctuation."""

import pytest

from stages.extract.due import due
from stages.extract.quote import quoted
from stages.extract.sentences import sentences
from stages.speech import Utterance, Word
from tests.bench.transcripts import spoken


def texts(*utterances: Utterance) -> list[str]:
    return [sentence.text for sentence in sentences(utterances)]


def test_punctuation_ends_a_sentence() -> None:
    assert texts(spoken("S1", "Hello there. Mr. Smith paid 3.50 for it! Right?", 0)) == [
        "Hello there.",
        "Mr. Smith paid 3.50 for it!",
        "Right?",
    ]


def test_a_long_stretch_without_punctuation_is_cut_where_clauses_begin() -> None:
    said = "the door has been broken since the weekend so we should call somebody and I'll ask the caretaker about it"
    assert len(texts(spoken("S1", said, 0))) >= 2
    assert " ".join(texts(spoken("S1", said, 0))) == said


def test_a_cut_never_turns_the_meaning_round() -> None:
    said = "after what happened in spring with the other supplier I really don't think we can take that offer from them"
    assert any("don't think we can take that offer" in text for text in texts(spoken("S1", said, 0)))


def test_a_pause_cuts_what_has_no_punctuation() -> None:
    words = "the first part of this is about the house the second part of it is about the garden".split()
    timed = [
        Word(start=n + (5 if n > 8 else 0), end=n + 0.9 + (5 if n > 8 else 0), text=word)
        for n, word in enumerate(words)
    ]
    assert texts(Utterance.of(timed, "S1"))[0] == "the first part of this is about the house"


def test_a_sentence_that_runs_on_is_joined_and_cites_both() -> None:
    first = spoken("S1", "So we will send the", 0)
    second = spoken("S1", "report on Friday. Then we rest.", first.end + 0.5)
    joined, rest = sentences([first, second])
    assert joined.text == "So we will send the report on Friday."
    assert joined.evidence == (first.id, second.id)
    assert rest.evidence == (second.id,)


def test_another_speaker_does_not_finish_a_sentence() -> None:
    first = spoken("S1", "So we will send the", 0)
    assert len(texts(first, spoken("S2", "report on Friday.", first.end + 0.5))) == 2


def test_no_sentence_is_endless() -> None:
    assert all(len(text.split()) <= 45 for text in texts(spoken("S1", "tree " * 400, 0)))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Okay, so, we take the train.", "We take the train."),
        ("um well I think it works", "I think it works."),
        ("Right.", "Right."),
        ("So what?", "So what?"),
        ("Great Britain is far away.", "Great Britain is far away."),
    ],
)
def test_quotes_lose_only_lead_ins(said: str, shown: str) -> None:
    assert quoted(said) == shown


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("send it by Friday", "by Friday"),
        ("I'll do it by the end of next week, promised", "by the end of next week"),
        ("call them tomorrow morning", "tomorrow morning"),
        ("have it ready on the 14th of March", "on the 14th of March"),
        ("we meet in two weeks", "in two weeks"),
        ("tell her before she leaves", "before she leaves"),
        ("do it as soon as the lawyer agrees", "as soon as the lawyer agrees"),
        ("write it down", None),
        ("do it once again", None),
        ("he may come in", None),
    ],
)
def test_dates_are_read_as_said(said: str, when: str | None) -> None:
    assert due(said) == when
