"""Slides as evidence, by a scripted model over real HTTP: what a model read on them counts, and nothing else."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from pipeline.exports.summary import SUMMARY_FORMATS, summary_to_markdown
from pipeline.exports.summary_outline import outline
from pipeline.slides import Slide, View
from pipeline.transcript import transcript
from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.evidence import check_evidence, cited_slides
from stages.extract.sentences import sentences
from stages.summarize import About, Embedder, SlideText, SummaryWish
from stages.summary import Point
from stages.write.parts import SLIDE, lines_of, numbered, with_slides
from tests.pipeline.writing import GARDEN, house
from tests.upstreams import Asked, Json, Scripted, parrot

pytestmark = pytest.mark.anyio

PLAN = SlideText(
    id="000000000",
    start=0.0,
    end=9.0,
    text="Plan of the beds. A drawing of six beds: beans in the first two, forty-two tomato plants in beds 3 and 4.",
)
COSTS = SlideText(id="000030000", start=30.0, end=50.0, text="Costs of the fence. Planks 1250, posts 480, paint 270.")
ABOUT = {"slides": (PLAN, COSTS)}


@pytest.fixture(scope="module")
async def embedder() -> AsyncIterator[EngineHost[Embedder]]:
    host: EngineHost[Embedder] = EngineHost(MiniLM())
    yield host
    await host.close()


def slide_numbers(asked: Asked) -> list[int]:
    return [int(row.split()[0]) for row in asked.user.splitlines() if f" {SLIDE}: " in row]


def test_slides_stand_among_the_lines_where_they_were_shown() -> None:
    lines = with_slides(lines_of(sentences(GARDEN)), (PLAN, COSTS))
    rows = numbered(lines)
    assert rows[0].startswith("1 [slide]: Plan of the beds.")
    assert rows[1].startswith("2 S1: Good morning")
    assert sum(line.is_slide for line in lines) == 2
    at = next(number for number, line in enumerate(lines) if line.id == COSTS.id)
    assert lines[at - 1].end <= COSTS.start < lines[at + 1].end
    assert [line.id for line in with_slides([], (PLAN,))] == [PLAN.id]


async def test_points_cite_slides_that_show_them_and_no_others(embedder: EngineHost[Embedder]) -> None:
    def script(asked: Asked) -> Json:
        if asked.is_end:
            return {
                "title": "Garden and fence",
                "overview": [{"text": asked.user.splitlines()[-1].partition(": ")[2], "evidence": [99, 1, 2, 3, 4]}],
                "withdrawn": [],
            }
        plan, costs = slide_numbers(asked)
        fence = next(number for number, _, text in asked.lines if text.startswith("It costs two thousand"))
        points = [
            {"text": "The planks for the fence cost 1250 and the posts 480.", "evidence": [costs]},
            {"text": "It costs two thousand if we do the fence ourselves.", "evidence": [fence, costs]},
            {"text": "It costs two thousand to do the work on the fence ourselves.", "evidence": [fence, plan]},
            {"text": "The planks for the fence cost 9999.", "evidence": [costs]},
            {"text": "The choir sings in Vienna in summer.", "evidence": [plan, costs]},
        ]
        decided = {"text": "The planks for the fence cost 1250.", "evidence": [costs]}
        return {"topics": [{"title": "Fence", "points": points}], "decisions": [decided]}

    model = Scripted(script)
    async with house(model, embedder) as h:
        about = msgspec.convert(ABOUT, About, from_attributes=True)
        made = await h.writer.summarise(GARDEN, SummaryWish(), about)
    assert "were on the screen, not said" in model.asked[0].system
    (topic,) = made.topics
    cost = next(said.id for said in GARDEN if said.text.startswith("It costs"))
    assert [(point.evidence, point.slides) for point in topic.points] == [
        ((), (COSTS.id,)),
        ((cost,), (COSTS.id,)),
        ((cost,), ()),
    ]
    assert made.decisions == ()
    assert made.dropped == 3
    assert check_evidence(made, GARDEN, [PLAN.id, COSTS.id]) == made
    assert cited_slides(made) == {COSTS.id}
    assert made.overview_slides in ((), (COSTS.id,))
    gone = check_evidence(made, GARDEN)
    assert not cited_slides(gone) and len(gone.topics[0].points) == 2


async def test_without_slides_the_model_is_told_nothing_of_them(embedder: EngineHost[Embedder]) -> None:
    model = Scripted(parrot)
    async with house(model, embedder) as h:
        await h.of(GARDEN)
    assert SLIDE not in model.asked[0].system + model.asked[0].user


async def test_files_of_a_summary_name_the_slides(embedder: EngineHost[Embedder]) -> None:
    async with house(Scripted(parrot), embedder) as h:
        made = await h.of(GARDEN)
    point = Point("Planks cost 1250.", (), ("000030000",))
    topic = msgspec.structs.replace(made.topics[0], points=(point,))
    made = msgspec.structs.replace(made, topics=(topic,))
    slide = Slide(id="000030000", start=30.0, end=50.0, views=(View(30.0, 50.0),), title="Costs_of the fence")
    shown, said = {slide.id: slide}, transcript("m", GARDEN, [], duration=60.0)
    assert "- Planks cost 1250. [slide 0:30 (Costs\\_of the fence)]" in summary_to_markdown(made, said, shown)
    text = SUMMARY_FORMATS["txt"].write(outline(made, said, shown)).decode()
    assert "- Planks cost 1250. [slide 0:30 (Costs_of the fence)]" in text
    assert SUMMARY_FORMATS["docx"].write(outline(made, said, shown)).startswith(b"PK")


async def test_files_of_a_summary_begin_with_what_was_settled(embedder: EngineHost[Embedder]) -> None:
    async with house(Scripted(parrot), embedder) as h:
        made = await h.of(GARDEN)
    said = transcript("m", GARDEN, [], duration=60.0)
    whole = outline(made, said)
    assert [section.title for section in whole.sections[:3]] == ["Decisions", "To do", "Open questions"]
    assert whole.sections[1].items[0].text.endswith("by Thursday. (2026-11-26)"), (
        "the task says when: it is not said twice"
    )
    task = msgspec.structs.replace(made.actions[0], task="Call the nursery with S2, says S9.")
    again = outline(msgspec.structs.replace(made, actions=(task,)), said)
    expected = "Call the nursery with Speaker 2, says S9. (by Thursday, 2026-11-26)"
    assert again.sections[1].items[0].text == expected, "labels of those who speak are names to readers"
