"""What was said so far, again and again -> a summary that only grows, or says what it takes back."""

from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import pytest

from pipeline.chat import GatewayChats
from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.evidence import check_evidence
from stages.extract import Extractive
from stages.speech import Utterance
from stages.summarize import SummaryWish
from stages.summary import Summary
from stages.write.running import RunningSummary
from tests.bench.transcripts import read
from tests.pipeline.writing import house, points, talk
from tests.upstreams import Asked, Json, Scripted, Trick, parrot

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def extractive() -> AsyncIterator[Extractive]:
    host: EngineHost[MiniLM] = EngineHost(MiniLM())
    yield Extractive(host, remembers=True)
    await host.close()


def check(made: Sequence[Summary], said: Sequence[Utterance]) -> None:
    """Each point of a summary stands in the next one, with its evidence, or was withdrawn for all to see."""
    for before, after in pairwise(made):
        assert after.overview.startswith(before.overview)
        assert after.title == before.title
        assert after.withdrawn[: len(before.withdrawn)] == before.withdrawn
        stands = {getattr(point, "text", None) or getattr(point, "task", ""): point for point in points(after)}
        gone = {point.text.partition(" (")[0] for point in after.withdrawn}
        for point in points(before):
            text = getattr(point, "text", None) or getattr(point, "task", "")
            assert text in gone or set(point.evidence) <= set(stands[text].evidence)
    assert check_evidence(made[-1], said) == made[-1]


async def grown(running: RunningSummary, said: Sequence[Utterance], step: int) -> list[Summary]:
    """Extend it by so many utterances at a time."""
    looks = [await running.extend(said[:last]) for last in range(step, len(said) + step, step)]
    return [made for made in looks if made is not None]


async def test_sentences_are_added_as_they_come(extractive: Extractive) -> None:
    said = read("standup").utterances
    running = RunningSummary(None, extractive, SummaryWish(language="en"))
    made = await grown(running, said, 12)
    check(made, said)
    assert len(made) >= 3
    assert all(each.extractive and each.why_extractive is None for each in made)
    assert len(points(made[-1])) > len(points(made[0]))
    assert await running.extend(said) is None


async def test_the_overview_of_a_long_meeting_stays_one(extractive: Extractive) -> None:
    said = read("season_plan").utterances[:240]
    made = await grown(RunningSummary(None, extractive, SummaryWish(language="en")), said, 40)
    check(made, said)
    words = [len(each.overview.split()) for each in made]
    assert words[-1] > words[0]
    assert all(count < 60 + 2 * each.end / 60 + 45 for count, each in zip(words, made, strict=True))


async def test_a_decision_that_is_taken_back_is_shown_as_withdrawn(extractive: Extractive) -> None:
    filler = [
        "S2: The roof of the shed leaks at the back where the ladder stands and the rain comes in every week.",
        "S3: My brother looked at the wood and says that it will last for another winter if we paint it soon.",
        "S2: The paint is in the cellar behind the bicycles, there should be two large tins and one small one.",
    ]
    said = talk(
        *filler, "S1: So we've decided, we paint the shed red in May.",
        *filler, "S1: Okay, scrap that. So we've decided, we paint the shed green in May.",
    )  # fmt: skip
    made = await grown(RunningSummary(None, extractive, SummaryWish(language="en")), said, 4)
    check(made, said)
    assert [point.evidence for point in made[0].decisions] == [(said[3].id,)]
    assert [(point.kind, point.evidence) for point in made[1].withdrawn] == [("decision", (said[3].id,))]
    assert any(said[7].id in point.evidence for point in made[1].decisions)


async def test_a_model_is_sent_only_what_is_new(extractive: Extractive) -> None:
    model = Scripted(_takes_back)
    said = read("standup").utterances
    async with house(model, extractive.reader._embedder) as h:
        running = RunningSummary(GatewayChats(h.board), extractive, SummaryWish(language="en"))
        made = await grown(running, said, 15)
    check(made, said)
    assert made[-1].model == "scripted"
    sent = [line for asked in model.asked if not asked.is_end for _, _, line in asked.lines]
    assert sorted(sent) == sorted(utterance.text for utterance in said[:-2]), "two words of farewell are no news"
    assert made[-1].withdrawn


async def test_it_goes_on_where_an_earlier_process_stopped(extractive: Extractive) -> None:
    said = read("customer_call").utterances
    first = await RunningSummary(None, extractive, SummaryWish(language="en")).extend(said[:30])
    assert first is not None
    second = await RunningSummary(None, extractive, SummaryWish(language="en"), before=first).extend(said)
    assert second is not None
    check([first, second], said)
    assert len(points(second)) > len(points(first))


async def test_while_the_model_is_away_sentences_stand_and_say_why(extractive: Extractive) -> None:
    async with house(Scripted(lambda _: "away"), extractive.reader._embedder) as h:
        running = RunningSummary(GatewayChats(h.board), extractive, SummaryWish(language="en"))
        made = await running.extend(read("standup").utterances)
    assert made is not None
    assert made.extractive
    assert "answers 503" in (made.why_extractive or "")


def _takes_back(asked: Asked) -> Json | Trick:
    made = parrot(asked)
    if asked.is_end:
        rows = asked.user.splitlines()
        settled = [number for number, row in enumerate(rows, 1) if row.split(" ")[1] == "question:"]
        made["withdrawn"] = [{"item": settled[0], "because": settled[-1]}] if len(settled) > 2 else []
    return made
