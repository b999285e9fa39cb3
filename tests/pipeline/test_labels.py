"""Labels that stay with people, whatever a later run calls them."""

from pipeline.labels import Floor, Labels, relabelled
from pipeline.summary_labels import relabelled_summary
from stages.speech import Utterance, Word
from stages.summary import Action, Summary


def said(speaker: str | None, start: float, end: float, overlaps: tuple[str, ...] = ()) -> Utterance:
    return Utterance.of([Word(start=start, end=end, text="word")], speaker, overlaps)


FIRST = [said("S1", 0, 10), said("S2", 10, 15), said("S1", 15, 20), said("S3", 20, 24)]


def test_of_the_first_run_labels_stay() -> None:
    assert Labels().of(FIRST) == {"S1": "S1", "S2": "S2", "S3": "S3"}


def test_the_same_run_looked_at_again_keeps_its_labels() -> None:
    assert Labels().after(FIRST).of(FIRST) == {"S1": "S1", "S2": "S2", "S3": "S3"}


def test_labels_that_change_places_are_changed_back() -> None:
    known = Labels().after(FIRST)
    again = [said("S2", 0, 9), said("S3", 9, 15), said("S2", 15, 20), said("S1", 20, 24)]
    assert known.of(again) == {"S2": "S1", "S3": "S2", "S1": "S3"}


def test_a_new_speaker_takes_no_label_that_somebody_had() -> None:
    known = Labels().after(FIRST)
    again = [said("S1", 0, 10), said("S2", 30, 40), said("S3", 20, 24)]
    assert known.of(again) == {"S1": "S1", "S3": "S3", "S2": "S4"}


def test_a_label_rests_while_its_speaker_is_away_and_none_else_gets_it() -> None:
    known = Labels().after(FIRST).after([said("S1", 0, 20)])
    assert known.present == ("S1",)
    assert known.used == ("S1", "S2", "S3")
    assert known.of([said("S1", 0, 20), said("S2", 50, 60)]) == {"S1": "S1", "S2": "S4"}


def test_two_who_become_one_keep_the_label_of_who_spoke_more() -> None:
    assert Labels().after(FIRST).of([said("S1", 9, 24)]) == {"S1": "S1"}
    assert Labels(floors=(Floor(0, 10, "S1"), Floor(10, 13, "S2")), used=("S1", "S2")).of([said("S9", 0, 13)]) == {
        "S9": "S1"
    }


def test_unknown_stays_unknown() -> None:
    assert Labels().of([said(None, 0, 1)]) == {}
    assert relabelled(said(None, 0, 1, ("S1",)), {"S1": "S2"}).overlaps == ("S2",)


def test_summary_names_people_by_the_labels_that_readers_know() -> None:
    actions = (
        Action("call", "S1", None, ("u",)),
        Action("write", "Ann", None, ("u",)),
        Action("go", None, None, ("u",)),
    )
    summary = Summary(
        start=0, end=1, engine="e", template="t", language=None, extractive=True, title="", overview="", actions=actions
    )
    assert [action.owner for action in relabelled_summary(summary, {"S1": "S2"}, {}).actions] == ["S2", "Ann", None]
