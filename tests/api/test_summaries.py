"""Summaries on a server, by a scripted model: names, corrections, templates, languages and glossaries reach it."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, ClassVar

import msgspec
import pytest

from pipeline.chat import GatewayChats
from pipeline.engine_pool import EnginePool
from pipeline.gateway.providers import Provider
from pipeline.gateway.switchboard import Switchboard
from pipeline.options import Options
from pipeline.steps import Step
from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.speech import AudioChunk, Mark, Span, Utterance
from stages.stage import Inbox, Sound, Stage, items
from stages.summarize import Summarize
from stages.write.writer import Writer
from tests.api.served import Served, served
from tests.pipeline.writing import GARDEN, NoUsage
from tests.upstreams import Asked, Json, Scripted, parrot

pytestmark = pytest.mark.anyio


class Recite(Stage[AudioChunk, Utterance]):
    """Says what it is told to, whatever it hears."""

    name: ClassVar[str] = "recite"
    consumes: ClassVar[tuple[type[Span], ...]] = (AudioChunk,)
    produces: ClassVar[tuple[type[Span], ...]] = (Utterance,)

    def __init__(self, said: Sequence[Utterance]) -> None:
        self.said = said

    async def run(self, inbox: Inbox[AudioChunk]) -> AsyncGenerator[Utterance | Mark, None]:
        """Yield everything at the end."""
        async for _ in items(inbox):
            pass
        for said in self.said:
            yield said


def script(asked: Asked) -> Json:
    """Name the speakers by their labels, as models are told to."""
    made = parrot(asked)
    for action in made.get("actions", []):
        action["task"] = f"{action['owner']} calls the nursery about the tomato plants by Thursday."
    return made


class Room(msgspec.Struct):
    """A server and the model behind it."""

    s: Served
    model: Scripted

    async def summary(self, id: str, **wish: Any) -> dict[str, Any]:
        """Have the summary made again, and return it."""
        answer = await self.s.client.post(f"/api/meetings/{id}/summary", json=wish)
        assert answer.status_code == 202, answer.text
        assert (await self.s.done(id))["state"] == "done"
        found: dict[str, Any] = (await self.s.client.get(f"/api/meetings/{id}/summary")).json()
        return found


@pytest.fixture(scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    model = Scripted(script)
    host: EngineHost[Any] = EngineHost(MiniLM())
    async with model.running() as address:
        board = Switchboard([Provider(url=address, name="scripted")], {}, NoUsage())
        writer = Writer(GatewayChats(board), host)

        def steps_of(sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
            wish = options.summary
            return [Step(Recite(GARDEN)), Step(Summarize(writer, wish), options=msgspec.to_builtins(wish))]

        async with board.running(), served(tmp_path_factory.mktemp("served"), steps_of=steps_of) as s:
            yield Room(s, model)
    await host.close()


async def test_labels_in_sentences_are_shown_as_names(room: Room) -> None:
    query: dict[str, Any] = {"held_on": "2026-11-20", "glossary": "Kompost: the heap by the gate"}
    meeting = await room.s.upload(**query)
    at = f"/api/meetings/{meeting['id']}"
    made = (await room.s.client.get(f"{at}/summary")).json()
    assert (made["model"], made["extractive"], made["why_extractive"]) == ("scripted", False, None)
    action = made["actions"][0]
    assert action["task"].startswith("S3 calls")
    assert (action["owner"], action["due"], action["due_date"]) == ("S3", "by Thursday", "2026-11-26")
    assert "Terms: Kompost: the heap by the gate." in room.model.asked[-2].system
    await room.s.client.patch(at, json={"speakers": {"S3": "Ada"}})
    renamed = (await room.s.client.get(f"{at}/summary")).json()["actions"][0]
    assert renamed["task"].startswith("Ada calls")
    assert renamed["owner"] == "S3"
    markdown = (await room.s.client.get(f"{at}/summary?format=md")).text
    assert "**Ada**: Ada calls" in markdown
    await room.summary(meeting["id"])
    assert "S3 is Ada" in room.model.asked[-2].system


async def test_corrections_are_summed_up(room: Room) -> None:
    meeting = await room.s.upload()
    at = f"/api/meetings/{meeting['id']}"
    edit = {"text": "So we agreed to order sixty tomato plants from the nursery in town.", "speaker": "S2"}
    answer = await room.s.client.patch(f"{at}/utterances/{GARDEN[2].id}", json=edit)
    assert answer.status_code == 200, answer.text
    made = await room.summary(meeting["id"])
    assert "3: So we agreed to order sixty" in room.model.asked[-2].user
    assert made["decisions"][0] == {"text": edit["text"], "evidence": [GARDEN[2].id], "slides": []}
    ids = {line["id"] for line in (await room.s.client.get(f"{at}/transcript")).json()["utterances"]}
    assert set(made["decisions"][0]["evidence"]) <= ids


async def test_a_summary_is_made_again_as_asked(room: Room) -> None:
    meeting = await room.s.upload()
    made = await room.summary(meeting["id"], template="lecture", language="de", length="short", glossary=["Ada"])
    assert (made["template"], made["language"], made["length"]) == ("lecture", "de", "short")
    assert (made["decisions"], made["actions"]) == ([], [])
    assert made["questions"]
    told = room.model.asked[-2].system
    assert "Write in German" in told
    assert "One person teaches." in told
    assert "Terms: Ada." in told
    made = await room.summary(meeting["id"], model="extractive", template="general")
    assert (made["extractive"], made["template"], made["why_extractive"]) == (True, "general", None)
    made = await room.summary(meeting["id"], model="nobody")
    assert made["extractive"]
    assert "'nobody' is not served here" in made["why_extractive"]
