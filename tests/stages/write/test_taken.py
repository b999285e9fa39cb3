"""Notes in, points out: what cites nothing goes, owners and dates are those that were said."""

from datetime import date

import pytest

from stages.extract.sentences import sentences
from stages.write.notes import NotedAction, NotedPoint, NotedTopic, Notes, Unreadable, read
from stages.write.parts import lines_of
from stages.write.taken import take
from tests.bench.transcripts import spoken

SAID = [
    spoken("S1", "Anna, could you send the offer by Thursday?", 0),
    spoken("S2", "Yes, I will.", 5),
    spoken("S3", "And Marek orders the chairs.", 8),
    spoken("S4", "Fine with me.", 12),
]
LINES = lines_of(sentences(SAID))
DAY = date(2026, 11, 20)


def owner(said: str | None, **names: str) -> str | None:
    notes = Notes(actions=(NotedAction(task="Order the chairs.", evidence=(3,), owner=said),))
    return take(notes, LINES, names, DAY).actions[0].owner


def test_what_cites_no_line_is_dropped_and_counted() -> None:
    good, half = NotedPoint("a", (2, 2, 1)), NotedPoint("b", (0, -1, 99, 4))
    notes = Notes(
        topics=(NotedTopic("t", (good, NotedPoint("c", (99,)))), NotedTopic("u", (NotedPoint("d", ()),))),
        decisions=(half, NotedPoint("", (1,))),
    )
    taken = take(notes, LINES, {}, DAY)
    assert [point.evidence for point in taken.topics[0].points] == [(SAID[0].id, SAID[1].id)]
    assert len(taken.topics) == 1
    assert (taken.topics[0].start, taken.topics[0].end) == (SAID[0].start, SAID[1].end)
    assert [point.evidence for point in taken.decisions] == [(SAID[3].id,)]
    assert taken.dropped == 3


def test_owners_are_speakers_or_names_that_were_said() -> None:
    assert owner("S3") == "S3"
    assert owner("S3 (Marek)") == "S3"
    assert owner("S9") is None
    assert owner("Marek") == "Marek"
    assert owner("Ludwig") is None
    assert owner("somebody") is None
    assert owner(None) is None


def test_a_known_name_is_its_label_and_two_of_one_name_are_not_guessed() -> None:
    assert owner("Marek", S2="Marek Wolf") == "S2"
    assert owner("marek wolf", S2="Marek Wolf") == "S2"
    assert owner("Marek", S2="Marek Wolf", S4="Marek Lis") == "Marek"


def test_dates_are_kept_as_said_and_as_a_day() -> None:
    def action(due: str | None, english: str | None = None) -> tuple[str | None, date | None]:
        notes = Notes(actions=(NotedAction("Send the offer.", (2,), "S2", due, english),))
        made = take(notes, LINES, {}, DAY).actions[0]
        return made.due, made.due_date

    assert action("by Thursday") == ("by Thursday", date(2026, 11, 26))
    assert action("by Friday") == (None, None)
    assert action(None, "by Thursday") == (None, None)


def test_a_date_in_another_language_counts_by_what_it_is_in_english() -> None:
    lines = lines_of(sentences([spoken("S1", "Ich schicke es bis Donnerstag.", 0)]))
    notes = Notes(actions=(NotedAction("Es schicken.", (1,), "S1", "bis Donnerstag", "by Thursday"),))
    made = take(notes, lines, {}, DAY).actions[0]
    assert (made.due, made.due_date) == ("bis Donnerstag", date(2026, 11, 26))


def test_json_is_found_among_other_words() -> None:
    assert read('{"decisions": [{"text": "a\nb", "evidence": [1]}]}', Notes).decisions[0].text == "a\nb"
    assert read('<think>{"a"}</think>```json\n{"decisions": []}\n```', Notes) == Notes()
    wrong = {"": "empty", "Sorry.": "no JSON", '{"decisions": 3}': "decisions", '{"a":' * 9999: "no JSON"}
    for bad, told in wrong.items():
        with pytest.raises(Unreadable, match=told):
            read(bad, Notes)
