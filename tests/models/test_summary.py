"""Summaries by a real engine of ours, llama.cpp with random weights: it talks nonsense, and nothing is believed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from pipeline.chat import GatewayChats
from pipeline.gateway.chat_engine import ChatTarget
from pipeline.gateway.switchboard import Switchboard
from pipeline.gateway.target import Member
from stages.engine import EngineHost
from stages.engines.llama_cpp import LlamaCpp
from stages.engines.minilm import MiniLM
from stages.evidence import check_evidence
from stages.summarize import SummaryWish
from stages.write.asking import ask
from stages.write.chat import Message
from stages.write.notes import Notes, notes_schema
from stages.write.tokens import Tokens
from stages.write.writer import Writer
from tests.models import tiny_gguf
from tests.pipeline.writing import GARDEN, NoUsage, points

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def board(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Switchboard]:
    file = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    tiny_gguf.build(file)
    host: EngineHost[LlamaCpp] = EngineHost(LlamaCpp(file=file, threads=1))
    target = ChatTarget(host)
    made = Switchboard([], {}, NoUsage())
    made.directory.add(target.offer(), Member(target, target.offer().id))
    async with made.running():
        yield made
    await host.close()


def bounded(schema: dict[str, Any]) -> dict[str, Any]:
    """Bound every text and list of a schema: random weights find no end."""
    made = {key: bounded(each) if isinstance(each, dict) else each for key, each in schema.items()}
    if made.get("type") == "string" or made.get("type") == ["string", "null"]:
        made["maxLength"] = 8
    if made.get("type") == "array":
        made["maxItems"] = 1
    return made


async def test_it_counts_tokens_and_answers_in_the_schema(board: Switchboard) -> None:
    chat = await GatewayChats(board).chat(None)
    assert chat.window == tiny_gguf.TRAINED
    assert await chat.count("Who orders the tomatoes?")
    asked = ("Answer in JSON.", "1 S1: We agreed to order tomatoes.")
    schema = bounded(notes_schema(("topics", "decisions", "actions", "questions")))
    assert isinstance(await ask(chat, Tokens(chat), asked, Notes, schema, 600), Notes)
    reply = await chat.ask([Message("user", "Hello")], {"type": "object", "properties": {}}, 20)
    assert reply.read and reply.written


async def test_what_it_makes_up_is_dropped_or_sentences_stand_and_say_why(board: Switchboard) -> None:
    host = EngineHost(MiniLM())
    usage = board.usage
    made = await Writer(GatewayChats(board), host, 1).summarise(GARDEN, SummaryWish())
    await usage.flush()
    await host.close()
    assert made.title and made.overview
    assert check_evidence(made, GARDEN) == made
    texts = {said.text for said in GARDEN}
    for point in points(made):
        assert set(point.evidence) <= {said.id for said in GARDEN}
        said = getattr(point, "text", "") or getattr(point, "task", "")
        assert any(said.rstrip(".").lower() in text.lower() for text in texts), "nonsense is never shown"
    assert made.why_extractive, "it could not do it, and the summary says so"
