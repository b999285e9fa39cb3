"""Points in French, German and Spanish -> whether what they cite has their words."""

import pytest

from stages.write.shared_words import SharedWords
from tests.bench.evidence import written
from tests.bench.transcripts import TONGUES, Meeting, every, read

pytestmark = pytest.mark.anyio


def judge(meeting: Meeting) -> SharedWords:
    return SharedWords(((each.id, each.text) for each in meeting.utterances), meeting.name[:2])


@pytest.mark.parametrize("name", every(TONGUES))
async def test_true_citations_score_more_than_false_ones(name: str) -> None:
    meeting, texts = read(name, TONGUES), written(TONGUES)
    by_words = judge(meeting)
    true = [(texts[name, truth.key], truth.utterances) for truth in meeting.truths]
    false = [(text, true[at - 5][1]) for at, (text, _) in enumerate(true)]
    kept = [score >= by_words.least for score in await by_words.said(true)]
    let_through = [score >= by_words.least for score in await by_words.said(false)]
    assert sum(kept) >= 0.8 * len(kept)
    assert sum(let_through) <= 0.2 * len(let_through)


async def test_inflected_and_compound_words_meet_and_small_ones_do_not_count() -> None:
    meeting = read("de_halle", TONGUES)
    by_words = judge(meeting)
    roof = next(each.id for each in meeting.utterances if "wegen des Dachs" in each.text)
    found = await by_words.said(
        [("Die Dacharbeiten an den Hallen", [roof]), ("Das ist es, was wir dann haben", [roof]), ("", [roof])]
    )
    assert found[0] > by_words.least
    assert found[1:] == [0.0, 0.0]


async def test_what_was_said_just_before_counts_half() -> None:
    meeting = read("fr_jardin", TONGUES)
    ids = [each.id for each in meeting.utterances]
    at = next(number for number, each in enumerate(meeting.utterances) if "Je les commande demain" in each.text)
    text = "deux cuves de trois cents litres"
    own, after, later = await judge(meeting).said([(text, ids[at - 1 : at]), (text, [ids[at]]), (text, [ids[at + 1]])])
    assert own == pytest.approx(1.0)
    assert after == pytest.approx(0.5)
    assert later == 0.0


async def test_slides_in_another_language_are_not_judged() -> None:
    by_words = judge(read("de_halle", TONGUES))
    text = "Der Verein kauft neue Trikots"
    shown = [
        "Neue Trikots für den Verein, die wir kaufen",
        "Wir fahren mit dem Bus in die Stadt",
        "It is what we said it is",
    ]
    scores = await by_words.shown([(text, each) for each in shown])
    assert scores[0] > by_words.least > scores[1]
    assert scores[2] == 1.0
