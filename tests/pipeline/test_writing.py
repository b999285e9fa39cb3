"""Summaries by a scripted model over real HTTP: what it does well is kept, what it does badly is found out and told."""

from collections.abc import AsyncIterator

import pytest

from pipeline.chat import GatewayChats
from pipeline.gateway.chat_engine import ChatTarget
from pipeline.gateway.switchboard import Switchboard
from pipeline.gateway.target import Member
from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.summarize import EXTRACTIVE, Embedder, SummaryWish
from stages.write.writer import Writer
from tests.api.v1.toy_chat import ToyChat
from tests.pipeline.writing import GARDEN, NoUsage, house, long_talk, points, talk
from tests.upstreams import Asked, Json, Scripted, Trick, parrot

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def embedder() -> AsyncIterator[EngineHost[Embedder]]:
    host: EngineHost[Embedder] = EngineHost(MiniLM())
    yield host
    await host.close()


async def test_a_summary_with_everything_it_needs(embedder: EngineHost[Embedder]) -> None:
    model = Scripted(parrot)
    async with house(model, embedder) as h:
        made = await h.of(GARDEN, names={"S3": "Ada"})
    assert (made.extractive, made.engine, made.model, made.compared) == (False, "chat", "scripted", True)
    assert made.why_extractive is None
    assert [point.evidence for point in made.decisions] == [(GARDEN[2].id,), (GARDEN[6].id,)]
    assert [(a.owner, a.due, str(a.due_date)) for a in made.actions] == [("S3", "by Thursday", "2026-11-26")]
    assert [point.evidence for point in made.questions] == [(GARDEN[7].id,)]
    assert made.title
    assert made.overview
    assert set(made.overview_evidence) <= {said.id for said in GARDEN}
    assert "S3 is Ada" in model.asked[0].system
    assert len(model.asked) == 2


async def test_false_citations_are_dropped_and_counted(embedder: EngineHost[Embedder]) -> None:
    def lies(asked: Asked) -> Json | Trick:
        made = parrot(asked)
        if not asked.is_end:
            made["decisions"] += [
                {"text": "The choir sings in Vienna in the summer.", "evidence": [2]},
                {"text": "We replace the whole fence ourselves.", "evidence": [99]},
                {"text": "We replace the whole fence ourselves.", "evidence": []},
                {"text": "It costs 9000 to replace the fence ourselves.", "evidence": [5]},
            ]
        else:
            made["overview"].append({"text": "The board was fired over the telephone bill.", "evidence": [2]})
        return made

    async with house(Scripted(lies), embedder) as h:
        made = await h.of(GARDEN)
    assert [point.evidence for point in made.decisions] == [(GARDEN[2].id,), (GARDEN[6].id,)]
    assert made.dropped == 5
    assert "telephone" not in made.overview


async def test_where_everything_is_made_up_sentences_stand_and_say_why(embedder: EngineHost[Embedder]) -> None:
    def lies(asked: Asked) -> Json | Trick:
        if asked.is_end:
            return {"title": "Vienna", "overview": [], "withdrawn": []}
        made_up = {"text": "The choir sings in Vienna in the summer.", "evidence": [2]}
        return {"topics": [], "decisions": [made_up], "actions": [], "questions": []}

    async with house(Scripted(lies), embedder) as h:
        made = await h.of(GARDEN)
    assert made.extractive
    assert made.why_extractive == "Nothing that scripted wrote is said in the meeting: 1 dropped."
    assert "Vienna" not in made.title
    assert points(made)


async def test_bad_json_is_told_to_the_model_which_repairs_it(embedder: EngineHost[Embedder]) -> None:
    def script(asked: Asked) -> Json | Trick:
        if asked.number == 1:
            return "garbage"
        return parrot(asked) if asked.number > 2 else {"decisions": [{"text": "x", "evidence": "all"}]}

    model = Scripted(script)
    async with house(model, embedder) as h:
        made = await h.of(GARDEN)
    assert len(made.decisions) == 2
    assert "it holds no JSON object" in model.asked[1].user
    assert "Expected 'array', got 'str'" in model.asked[2].user
    assert "refused" not in model.asked[3].user


@pytest.mark.parametrize(
    ("trick", "told", "requests"),
    [
        ("garbage", "no usable JSON in 3 tries: it holds no JSON object", 3),
        ("empty", "no usable JSON in 3 tries: it was empty", 3),
        ("cut", "broke off", 3),
        ("refuse", "answers 400", 1),
        ("away", "answers 503", 3),
    ],
)
async def test_where_the_model_fails_sentences_stand_and_say_why(
    embedder: EngineHost[Embedder], trick: Trick, told: str, requests: int
) -> None:
    model = Scripted(lambda _: trick)
    async with house(model, embedder) as h:
        made = await h.of(GARDEN)
    assert made.extractive
    assert made.engine == "extractive"
    assert made.why_extractive is not None
    assert told in made.why_extractive
    assert made.overview
    assert len(model.asked) >= requests


async def test_a_model_that_hangs_is_not_waited_for_forever(embedder: EngineHost[Embedder]) -> None:
    async with house(Scripted(lambda _: "hang"), embedder, patience=0.3) as h:
        made = await h.of(GARDEN)
    assert made.extractive
    assert "did not end its answer" in (made.why_extractive or "")


async def test_one_part_that_fails_costs_that_part_only(embedder: EngineHost[Embedder]) -> None:
    def script(asked: Asked) -> Json | Trick:
        return "garbage" if "offer number 60 " in asked.user and not asked.is_end else parrot(asked)

    said = long_talk(15)
    async with house(Scripted(script), embedder, window=2048) as h:
        made = await h.of(said)
    assert not made.extractive
    assert "no usable JSON" in (made.why_extractive or "")
    assert "Sentences of the transcript stand for" in (made.why_extractive or "")
    cited = {id for point in points(made) for id in point.evidence}
    assert said[60].end <= max(topic.end for topic in made.topics)
    assert len(cited) > 5


async def test_nothing_is_truncated_whatever_the_length(embedder: EngineHost[Embedder]) -> None:
    said, model = long_talk(12), Scripted(parrot)
    async with house(model, embedder, window=2048, together=3) as h:
        made = await h.of(said)
        await h.board.usage.flush()
        used = h.usage.rows
    seen = [line for asked in model.asked if not asked.is_end for _, _, line in asked.lines]
    assert sorted(seen) == sorted(utterance.text for utterance in said)
    assert max(model.prompt_tokens) < 2048
    assert 1 < model.most_open <= 3
    agreed = [utterance.id for utterance in said if "we agreed" in utterance.text]
    assert [point.evidence for point in made.decisions] == [(id,) for id in agreed]
    assert made.topics == tuple(sorted(made.topics, key=lambda topic: topic.start))
    assert sum(row.prompt_tokens for row in used) == sum(model.prompt_tokens)


async def test_without_a_tokenizer_the_bound_is_corrected_by_what_is_reported(embedder: EngineHost[Embedder]) -> None:
    said, model = long_talk(20), Scripted(parrot)
    model.tokenizes = False
    async with house(model, embedder, window=4096) as h:
        await h.of(said)
    parts = [len(asked.user) for asked in model.asked if not asked.is_end]
    assert parts[0] < 2500
    assert min(parts[1:-1]) > 2 * parts[0]
    assert max(model.prompt_tokens) < 4096
    seen = [line for asked in model.asked if not asked.is_end for _, _, line in asked.lines]
    assert sorted(seen) == sorted(utterance.text for utterance in said)


async def test_where_nobody_counts_the_bound_stands(embedder: EngineHost[Embedder]) -> None:
    said, model = long_talk(4), Scripted(parrot)
    model.tokenizes = model.reports = False
    async with house(model, embedder, window=4096) as h:
        made = await h.of(said)
    assert not made.extractive
    assert max(len((asked.system + asked.user).encode()) for asked in model.asked) < 4096


async def test_a_provider_that_reads_less_than_it_was_sent_is_found_out(embedder: EngineHost[Embedder]) -> None:
    said, model = long_talk(15), Scripted(parrot)
    model.tokenizes, model.reads = False, 1500
    async with house(model, embedder, window=8192) as h:
        made = await h.of(said)
    agreed = {utterance.id for utterance in said if "we agreed" in utterance.text}
    assert {id for point in made.decisions for id in point.evidence} == agreed
    assert any(size < 1500 for size in model.prompt_tokens[2:])


async def test_a_window_smaller_than_thought_is_met_with_smaller_parts(embedder: EngineHost[Embedder]) -> None:
    said, model = long_talk(15), Scripted(parrot)
    model.refuses_over = 3000
    async with house(model, embedder, window=8192) as h:
        made = await h.of(said)
    agreed = {utterance.id for utterance in said if "we agreed" in utterance.text}
    assert {id for point in made.decisions for id in point.evidence} == agreed


async def test_an_answer_without_end_makes_smaller_parts_then_sentences(embedder: EngineHost[Embedder]) -> None:
    async with house(Scripted(lambda _: "endless"), embedder) as h:
        made = await h.of(GARDEN)
    assert made.extractive
    assert "more than" in (made.why_extractive or "")


async def test_what_is_taken_back_later_is_left_out(embedder: EngineHost[Embedder]) -> None:
    def script(asked: Asked) -> Json | Trick:
        made = parrot(asked)
        if asked.is_end:
            made["withdrawn"] = [{"item": 1, "because": 2}, {"item": 2, "because": 1}, {"item": 2, "because": 77}]
        return made

    said = talk(
        "S1: We agreed to paint the kitchen walls yellow in the summer.",
        "S2: I looked at the money and yellow paint is far too expensive for us.",
        "S1: Then it is agreed that the kitchen walls stay white after all.",
    )
    async with house(Scripted(script), embedder) as h:
        made = await h.of(said)
    assert [point.evidence for point in made.decisions] == [(said[2].id,)]


async def test_an_engine_of_our_own_counts_its_tokens() -> None:
    host: EngineHost[ToyChat] = EngineHost(ToyChat())
    target = ChatTarget(host)
    board = Switchboard([], {}, NoUsage())
    board.directory.add(target.offer(), Member(target, "toy"))
    async with board.running():
        chat = await GatewayChats(board).chat(None)
        assert await chat.count("three little words") == 3
        assert chat.window == 99
    await host.close()


async def test_no_model_is_no_reason_and_one_that_is_not_there_is(embedder: EngineHost[Embedder]) -> None:
    board = Switchboard([], {}, NoUsage())
    async with board.running():
        writer = Writer(GatewayChats(board), embedder)
        made = await writer.summarise(GARDEN, SummaryWish())
        assert (made.extractive, made.why_extractive) == (True, None)
        made = await writer.summarise(GARDEN, SummaryWish(model=EXTRACTIVE))
        assert (made.extractive, made.why_extractive) == (True, None)
        made = await writer.summarise(GARDEN, SummaryWish(model="qwen"))
        assert made.extractive
        assert "model" in (made.why_extractive or "")
        assert (await writer.summarise([], SummaryWish())).overview == ""
