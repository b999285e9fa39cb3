"""Sentences of an answer, held against the lines they cite, in one language, in two, and on slides."""

from collections.abc import Sequence

import pytest

from pipeline.asking.holds import Holds
from pipeline.asking.passage import Citation
from pipeline.asking.vectors import TextVectors
from pipeline.engine_pool import EnginePool
from storage.artifact_store import open_store
from tests.bench.transcripts import FOLDER, TONGUES, Meeting, read

pytestmark = pytest.mark.anyio

HALL, PARTY = read("de_halle", TONGUES), read("street_festival", FOLDER)


@pytest.fixture(scope="module")
def vectors() -> TextVectors:
    return TextVectors(open_store("memory:"), EnginePool())


def lines_of(meeting: Meeting) -> list[Citation]:
    return [
        Citation(
            meeting=meeting.name,
            title="",
            utterance=said.id,
            start=said.start,
            end=said.end,
            speaker=said.speaker,
            text=said.text,
        )
        for said in meeting.utterances[:30]
    ]


def numbers(kept: Sequence[Citation], lines: Sequence[Citation]) -> list[int]:
    return [lines.index(line) for line in kept]


async def test_a_german_answer_keeps_the_lines_that_have_its_words(vectors: TextVectors) -> None:
    lines = lines_of(HALL)
    hall = next(at for at, line in enumerate(lines) if "Turnhalle" in line.text)
    holds = Holds(vectors, lines, "Wie lange ist die Halle zu?")
    text = "Die Turnhalle ist im Sommer wegen des Dachs sechs Wochen zu."
    assert numbers(await holds.of(text, [lines[hall], lines[hall + 8]]), lines) == [hall]
    assert await holds.of("Der Impfstoff war im Kühlschrank zu warm geworden.", [lines[hall]]) == ()


async def test_an_answer_in_another_language_keeps_what_exists(vectors: TextVectors) -> None:
    lines = lines_of(HALL)
    holds = Holds(vectors, lines, "How long is the hall closed?")
    assert await holds.of("It is closed for six weeks because of the roof.", lines[2:4]) == tuple(lines[2:4])


async def test_meetings_in_two_languages_are_each_compared_in_their_own_way(vectors: TextVectors) -> None:
    lines = [*lines_of(HALL), *lines_of(PARTY)]
    permit = next(line for line in lines if "permit of the city" in line.text)
    holds = Holds(vectors, lines, "What does the street need?")
    text = "To close the street they need the permit of the city."
    band = next(line for line in lines if "band is free" in line.text)
    assert await holds.of(text, [permit, band]) == (permit,)
    assert await holds.of(text, [lines[3]]) == (lines[3],), "it is German: nothing can tell"


async def test_a_slide_in_another_language_than_the_talk_is_kept(vectors: TextVectors) -> None:
    lines = lines_of(HALL)
    text = "On the slide: Roof. The roof of the hall is closed for the summer, and this is what it will cost us."
    slide = Citation(
        meeting="de_halle", title="", utterance="", start=1, end=2, speaker=None, text=text, slide="000001000"
    )
    holds = Holds(vectors, [*lines, slide], "Was kostet das Dach?")
    assert await holds.of("Die Kosten für das Dach stehen noch nicht fest.", [slide]) == (slide,)
