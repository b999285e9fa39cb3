"""Summaries of meetings that are not in English, by a scripted model: how points are compared, and what is told."""

from collections.abc import AsyncIterator, Sequence

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.exports.summary_outline import BY_WORDS, UNCOMPARED, outline
from pipeline.transcript import transcript
from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.summarize import Embedder, SummaryWish
from stages.summary import Summary
from stages.write.running import RunningSummary
from stages.write.writer import Writer
from tests.bench.evidence import written
from tests.bench.transcripts import TONGUES, read
from tests.pipeline.writing import GARDEN, house
from tests.upstreams import Asked, Json, Scripted

pytestmark = pytest.mark.anyio

HALL = read("de_halle", TONGUES)
OURS = written(TONGUES)
FALSE = OURS["de_praxis", "F5"]
KNOWN = {OURS["de_halle", truth.key] for truth in HALL.truths if truth.kind == "decision"}
LOST = "Das Sommerfest findet am 23. Juni statt."
"""What it cites says no more of it than "June": that is too little for words."""


def secretary(asked: Asked) -> Json:
    """Write down what is known to be decided, in German, and one thing that another meeting said."""
    if asked.is_end:
        overview = [{"text": FALSE, "evidence": [1]}, {"text": asked.user.splitlines()[0][12:], "evidence": [1]}]
        return {"title": "Sitzung des Vorstands", "overview": overview, "withdrawn": []}
    texts = {utterance.id: utterance.text for utterance in HALL.utterances}
    made: Json = {"topics": [], "decisions": [], "actions": [], "questions": [], "withdrawn": []}
    for truth in HALL.truths:
        lines = [number for number, _, text in asked.lines if text in {texts[id] for id in truth.utterances}]
        if truth.kind == "decision":
            made["decisions"].append({"text": OURS["de_halle", truth.key], "evidence": lines})
    made["decisions"].append({"text": FALSE, "evidence": [3]})
    return made


def in_english(asked: Asked) -> Json:
    """Answer in English whatever was spoken."""
    point = {"text": "They will buy a new set of shirts for the team.", "evidence": [3]}
    if asked.is_end:
        return {"title": "The board", "overview": [point | {"evidence": [1]}], "withdrawn": []}
    return {"topics": [], "decisions": [point], "actions": [], "questions": [], "withdrawn": []}


class Polyglot:
    """Vectors of no meaning, by an engine that says it knows every language."""

    card = msgspec.structs.replace(MiniLM.card, engine="polyglot", languages=())

    def on_disk(self) -> bool:
        return True

    def download(self, progress: object, again: bool = False) -> None:
        pass

    def load(self, devices: Sequence[int]) -> None:
        pass

    def unload(self) -> None:
        pass

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[0.6, 0.8] for _ in texts], np.float32)


@pytest.fixture(scope="module")
async def embedder() -> AsyncIterator[EngineHost[Embedder]]:
    host: EngineHost[Embedder] = EngineHost(MiniLM())
    yield host
    await host.close()


def told(made: Summary) -> tuple[bool, str | None]:
    return made.compared, made.compared_by


async def test_points_are_held_against_the_words_they_cite(embedder: EngineHost[Embedder]) -> None:
    async with house(Scripted(secretary), embedder) as h:
        made = await h.of(HALL.utterances)
    assert {point.text for point in made.decisions} == KNOWN - {LOST}
    assert made.dropped == 3
    assert FALSE not in made.overview
    assert told(made) == (True, "words")
    assert outline(made, transcript("m", HALL.utterances, [], duration=300.0)).notes == (BY_WORDS,)
    assert (made.language, made.title) == ("de", "Sitzung des Vorstands")


async def test_a_summary_in_another_language_stands_uncompared_and_says_so(embedder: EngineHost[Embedder]) -> None:
    async with house(Scripted(in_english), embedder) as h:
        made = await h.of(HALL.utterances)
        assert (len(made.decisions), made.dropped) == (1, 0)
        assert told(made) == (False, None)
        assert outline(made, transcript("m", HALL.utterances, [], duration=300.0)).notes == (UNCOMPARED,)
        wished = await h.writer.summarise(GARDEN, SummaryWish(language="fr"))
    assert wished.why_extractive, "the model wrote English all the same, which is compared in meaning: nobody said that"


async def test_a_multilingual_engine_judges_by_meaning() -> None:
    host: EngineHost[Embedder] = EngineHost(Polyglot())
    async with house(Scripted(secretary), host) as h:
        made = await h.of(HALL.utterances)
    assert told(made) == (True, "meaning")
    assert FALSE in [point.text for point in made.decisions], "its vectors call everything alike"
    await host.close()


async def test_a_running_summary_says_how_it_was_compared(embedder: EngineHost[Embedder]) -> None:
    async with house(Scripted(in_english), embedder) as h:
        running = _running(h.writer)
        first = await running.extend(HALL.utterances[:20])
        again = await _running(h.writer, first).extend(HALL.utterances)
    assert first is not None
    assert again is not None
    assert told(first) == told(again) == (False, None)


def _running(writer: Writer, before: Summary | None = None) -> RunningSummary:
    return RunningSummary(writer._chats, writer._extractive, SummaryWish(), before=before)
