"""Words find their speaker, or stay unknown."""

import pytest

from stages.attribute import Attribute
from stages.speech import Mark, SpeakerTurn, Utterance, Word
from tests.collect import collect

pytestmark = pytest.mark.anyio


def said(text: str, start: float, track: str = "0", each: float = 0.3) -> list[Word]:
    """Return words of 0.25 s, one every `each` seconds."""
    return [
        Word(start=start + i * each, end=start + i * each + 0.25, text=word, track=track)
        for i, word in enumerate(text.split())
    ]


def turn(speaker: str, start: float, end: float, track: str = "0") -> SpeakerTurn:
    """Return a turn."""
    return SpeakerTurn(start=start, end=end, speaker=speaker, track=track)


async def told(*items: Word | SpeakerTurn) -> list[tuple[str | None, str]]:
    """Return who said what."""
    made = await collect(Attribute(), list(items))
    return [(u.speaker, u.text) for u in made if isinstance(u, Utterance)]


async def test_a_word_goes_to_the_turn_it_overlaps_most() -> None:
    words = said("we start now fine let us", 0.0)
    assert await told(*words, turn("S1", 0, 0.95), turn("S2", 0.95, 2)) == [
        ("S1", "we start now"),
        ("S2", "fine let us"),
    ]


async def test_the_order_of_arrival_does_not_matter() -> None:
    items: list[Word | SpeakerTurn] = [*said("we start now", 0.0), turn("S1", 0, 0.5), turn("S2", 0.5, 2)]
    assert await told(*items) == await told(*items[::-1])


async def test_a_word_outside_every_turn_goes_to_the_only_speaker_near() -> None:
    assert await told(*said("late", 1.3), turn("S1", 0, 1)) == [("S1", "late")]
    assert await told(*said("late", 1.6), turn("S1", 0, 1)) == [(None, "late")]
    assert await told(*said("between", 1.3), turn("S1", 0, 1), turn("S2", 1.8, 3)) == [(None, "between")]


async def test_without_turns_the_words_stand_and_the_speaker_is_unknown() -> None:
    assert await told(*said("nobody knows", 0.0)) == [(None, "nobody knows")]


async def test_an_island_of_one_word_is_smoothed_unless_pauses_set_it_apart() -> None:
    words = said("one two three four five", 0.0)
    assert await told(*words, turn("S1", 0, 0.58), turn("S2", 0.58, 0.88), turn("S1", 0.88, 2)) == [
        ("S1", "one two three four five")
    ]
    apart = [*said("is it done", 0.0), *said("Yes.", 1.6), *said("good", 2.6)]
    assert [s for s, _ in await told(*apart, turn("S1", 0, 1.3), turn("S2", 1.5, 2), turn("S1", 2.5, 3))] == [
        "S1",
        "S2",
        "S1",
    ]


async def test_who_talked_over_it_is_visible() -> None:
    items: list[Word | SpeakerTurn] = [*said("all of it is mine", 0.0), turn("S1", 0, 2), turn("S2", 0.8, 1.2)]
    made = await collect(Attribute(), items)
    assert [(u.speaker, u.overlaps) for u in made if isinstance(u, Utterance)] == [("S1", ("S2",))]


async def test_an_utterance_ends_at_a_pause_and_sooner_after_a_sentence() -> None:
    words = [*said("It works.", 0.0), *said("So we ship", 1.3), *said("it", 2.6), *said("then", 5.0)]
    assert [text for _, text in await told(*words, turn("S1", 0, 6))] == ["It works.", "So we ship it", "then"]


async def test_tracks_do_not_mix_and_ids_name_track_and_sample() -> None:
    words = [*said("left one", 0.0, "0"), *said("right one", 0.1, "1")]
    items: list[Word | SpeakerTurn | Mark] = [
        *words,
        turn("S1", 0, 2, "0"),
        turn("S2", 0, 2, "1"),
        Mark(start=1, end=1),
    ]
    made = [u for u in await collect(Attribute(), items) if isinstance(u, Utterance)]
    assert [(u.id, u.speaker, u.text) for u in made] == [("0-0", "S1", "left one"), ("1-1600", "S2", "right one")]
