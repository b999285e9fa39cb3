"""Utterances in, one summary out; what cites nothing real is dropped and counted."""

from collections.abc import Sequence

import msgspec
import pytest

from stages.evidence import check_evidence
from stages.speech import Mark, Utterance
from stages.summarize import About, Summarize, SummaryWish
from stages.summary import Action, Point, Summary, Topic
from tests.bench.transcripts import spoken
from tests.collect import collect

pytestmark = pytest.mark.anyio

EMPTY = Summary(
    start=0, end=0, engine="fake", template="general", language=None, extractive=False, title="", overview=""
)


class Recites:
    """A summariser that cites what it is given, and sometimes what it is not."""

    def __init__(self, *invented: str) -> None:
        self.invented = invented

    async def summarise(self, utterances: Sequence[Utterance], wish: SummaryWish, about: About) -> Summary:
        ids = [*(utterance.id for utterance in utterances), *self.invented]
        points = tuple(Point("Said.", (id,)) for id in ids)
        return msgspec.structs.replace(EMPTY, language=wish.language, decisions=points)


async def test_one_summary_comes_at_the_end() -> None:
    said = [spoken("S1", "Hello.", 0), spoken("S2", "Good morning.", 3)]
    (summary,) = await collect(Summarize(Recites(), SummaryWish(language="de")), said)
    assert isinstance(summary, Summary)
    assert [point.evidence for point in summary.decisions] == [(said[0].id,), (said[1].id,)]
    assert summary.language == "de"


async def test_marks_do_not_cut_a_summary() -> None:
    said: list[Utterance | Mark] = [
        spoken("S1", "Hello.", 0),
        Mark(start=0, end=2),
        spoken("S2", "Good morning.", 3),
        Mark(start=0, end=5),
    ]
    (summary,) = await collect(Summarize(Recites()), said)
    assert isinstance(summary, Summary)
    assert len(summary.decisions) == 2


async def test_an_utterance_sent_again_replaces_the_first() -> None:
    said = [spoken("S1", "Hello.", 0), spoken("S1", "Hello, everybody.", 0)]
    (summary,) = await collect(Summarize(Recites()), said)
    assert isinstance(summary, Summary)
    assert len(summary.decisions) == 1


async def test_utterances_of_several_tracks_are_put_in_order() -> None:
    late, early = spoken("S1", "And goodbye.", 9), spoken("S2", "Hello.", 1)
    (summary,) = await collect(Summarize(Recites()), [late, early])
    assert isinstance(summary, Summary)
    assert [point.evidence[0] for point in summary.decisions] == [early.id, late.id]


async def test_inventions_are_dropped_and_counted() -> None:
    (summary,) = await collect(Summarize(Recites("0-99", "0-98")), [spoken("S1", "Hello.", 0)])
    assert isinstance(summary, Summary)
    assert len(summary.decisions) == 1
    assert summary.dropped == 2


def test_evidence_is_checked_everywhere() -> None:
    real = spoken("S1", "Hello.", 0)
    good, half, bad = Point("a", (real.id,)), Point("b", ("x", real.id, real.id)), Point("c", ("x",))
    summary = msgspec.structs.replace(
        EMPTY,
        topics=(Topic("t", 0, 1, (good, bad)), Topic("u", 1, 2, (bad,))),
        decisions=(half, bad),
        actions=(Action("do", None, None, ()), Action("do", "S1", None, (real.id,))),
        questions=(bad,),
        dropped=1,
    )
    checked = check_evidence(summary, [real])
    assert checked.topics == (Topic("t", 0, 1, (good,)),)
    assert checked.decisions == (Point("b", (real.id,)),)
    assert [action.owner for action in checked.actions] == ["S1"]
    assert checked.questions == ()
    assert checked.dropped == 1 + 5
