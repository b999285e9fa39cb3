"""Live, words come at once and speakers when they are known; an utterance keeps its id."""

import pytest

from stages.attribute_live import AttributeLive
from stages.speech import Diarized, SpeakerTurn, Transcribed, Utterance
from tests.collect import collect
from tests.stages.test_attribute import said, turn

pytestmark = pytest.mark.anyio


async def told(*items: object) -> list[tuple[str, str | None, str]]:
    made = await collect(AttributeLive(), items, live=True)  # type: ignore[arg-type]
    return [(u.id, u.speaker, u.text) for u in made if isinstance(u, Utterance)]


async def test_words_come_at_once_and_again_with_their_speaker() -> None:
    heard = [*said("we start now", 0.0), Transcribed(start=0, end=1.2)]
    known = [turn("S1", 0, 2), Diarized(start=0, end=2)]
    assert await told(*heard, *known) == [("0-0", None, "we start now"), ("0-0", "S1", "we start now")]
    assert await told(*known, *heard) == [("0-0", "S1", "we start now")], "known before: said once"


async def test_two_people_in_one_stretch_are_split_when_they_are_known() -> None:
    heard = [*said("is it done yes it is", 0.0), Transcribed(start=0, end=2)]
    turns = [turn("S1", 0, 0.9), turn("S2", 0.9, 2)]
    assert await told(*heard, *turns, Diarized(start=0, end=2.5)) == [
        ("0-0", None, "is it done yes it is"),
        ("0-0", "S1", "is it done"),
        ("0-14400", "S2", "yes it is"),
    ]


async def test_what_lies_beyond_the_frontier_is_not_guessed() -> None:
    heard = [
        *said("already known", 0.0),
        Transcribed(start=0, end=1),
        *said("not yet", 5.0),
        Transcribed(start=5, end=6),
    ]
    turns: list[SpeakerTurn | Diarized] = [turn("S1", 0, 4), Diarized(start=0, end=4)]
    made = await told(*turns, *heard)
    assert made[:2] == [("0-0", "S1", "already known"), ("0-80000", None, "not yet")]
    assert len(made) == 3, "at the end, what is known then is used"


async def test_words_without_an_end_of_their_stretch_are_not_lost() -> None:
    assert await told(*said("cut off", 0.0), turn("S1", 0, 1)) == [("0-0", "S1", "cut off")]
