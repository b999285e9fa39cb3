"""Questions over HTTP: a real server, a written meeting, a scripted language model."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from api.app import parts_of
from api.parts import Parts
from api.settings import Settings
from pipeline.engine_pool import EnginePool
from pipeline.events import utterance_event
from pipeline.options import Options
from pipeline.steps import Step
from stages.speech import AudioChunk, Mark, Span, Utterance, Word
from stages.stage import Inbox, Sound, Stage, items
from storage.rows import MeetingRow
from tests.api.served import Served, serving
from tests.api.v1.upstream import FakeProvider
from tests.pipeline.toy_server import Count

pytestmark = pytest.mark.anyio

LINES = (
    "Which floor do we take, the second or the fourth?",
    "The second floor has a ramp, so we are taking the second floor.",
    "The rent is forty two hundred a month plus heating.",
    "Let us carry the boxes on the weekend of the twenty third.",
    "Blue Van wants two thousand nine hundred for the move, but they do not pack.",
    "The chairs stay as they are, and everybody takes a plant home.",
)


class Written(Stage[AudioChunk, Utterance]):
    """Says the same, whatever it hears."""

    name: ClassVar[str] = "attribute"
    consumes: ClassVar[tuple[type[Span], ...]] = (AudioChunk,)
    produces: ClassVar[tuple[type[Span], ...]] = (Utterance,)

    async def run(self, inbox: Inbox[AudioChunk]) -> AsyncGenerator[Utterance | Mark, None]:
        async for _ in items(inbox):
            pass
        for number, line in enumerate(LINES):
            places = [(number * 5.0 + at / 10, word) for at, word in enumerate(line.split())]
            words = [Word(start=start, end=start + 0.1, text=word) for start, word in places]
            yield Utterance.of(words, f"S{number % 2 + 1}")


def steps(sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
    return [Step(Written()), Step(Count(options.template))]


class Told(Served, frozen=True):
    """A server, its language model, and a meeting that is done."""

    model: FakeProvider
    meeting: str

    async def ask(self, question: str, address: str = "", **more: Any) -> dict[str, Any]:
        where = address or f"/api/meetings/{self.meeting}/ask"
        answer = await self.client.post(where, json={"question": question, **more})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
async def s(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    model = FakeProvider()
    async with model.running() as url:
        parts: Parts = parts_of(Settings(data=tmp_path_factory.mktemp("told"), chat=url), steps)
        async with serving(parts) as s:
            meeting = (await s.upload())["id"]
            yield Told(s.client, parts, s.port, model, meeting)


def written(text: str) -> bytes:
    """Return an answer of the model, as a stream in one piece."""
    chunks = [{"choices": [{"delta": {"content": piece}}]} for piece in (text[:20], text[20:])]
    body = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def test_without_a_model_passages_are_quoted(s: Told) -> None:
    answer = await s.ask("How high is the rent?", model="extractive")
    assert (answer["said"], answer["extractive"], answer["model"]) == (True, True, None)
    assert answer["sentences"][0]["text"] == LINES[2]
    (cited,) = answer["sentences"][0]["citations"]
    transcript = (await s.client.get(f"/api/meetings/{s.meeting}/transcript")).json()
    line = next(each for each in transcript["utterances"] if each["id"] == cited["utterance"])
    assert (line["text"], line["start"], cited["meeting"]) == (LINES[2], cited["start"], s.meeting)


async def test_what_was_not_said_is_told_so(s: Told) -> None:
    answer = await s.ask("Who won the football championship in Brazil?", model="extractive")
    assert (answer["said"], answer["sentences"]) == (False, [])


async def test_citations_of_the_model_are_checked(s: Told) -> None:
    everything = "".join(f"[{number}]" for number in range(1, 30))
    s.model.canned = written(
        f"They take the second floor because of the ramp {everything}. The rent is paid by a pony [99]. It will snow."
    )
    answer = await s.ask("Which floor do we take?")
    s.model.behave()
    assert (answer["said"], answer["extractive"], answer["model"], answer["dropped"]) == (True, False, "tiny", 2)
    (sentence,) = answer["sentences"]
    assert sentence["text"] == "They take the second floor because of the ramp."
    assert LINES[1] in [cited["text"] for cited in sentence["citations"]]


async def test_a_model_that_goes_round_in_circles_is_stopped(s: Told) -> None:
    everything = "".join(f"[{number}]" for number in range(1, 30))
    s.model.canned = written(f"They take the second floor {everything}. " * 50 + "It will snow. ")
    answer = await s.ask("Which floor do we take?")
    s.model.behave()
    assert [sentence["text"] for sentence in answer["sentences"]] == ["They take the second floor."]
    assert (answer["said"], answer["dropped"]) == (True, 0)


async def test_a_model_that_reads_little_is_asked_with_less_and_less(s: Told) -> None:
    s.model.refuses, s.model.says = 400, b'{"error": {"code": "context_length_exceeded", "message": "Shorten it."}}'
    answer = await s.ask("Which floor do we take?")
    asked = [len(body["messages"][1]["content"]) for path, body in s.model.asked if path.endswith("completions")]
    s.model.behave()
    assert len(asked) > 2 and asked == sorted(asked, reverse=True), "each time less, and then no more"
    assert answer["extractive"] and "does not read as much" in answer["why_extractive"]
    assert [sentence["text"] for sentence in answer["sentences"]][:2] == list(LINES[:2]), "passages are quoted"


async def test_a_question_is_quoted_with_its_answer(s: Told) -> None:
    answer = await s.ask("Which floor do we take, the second or the fourth?", model="extractive")
    assert [sentence["text"] for sentence in answer["sentences"]][:2] == list(LINES[:2])
    assert [each["text"] for sentence in answer["sentences"][:2] for each in sentence["citations"]] == list(LINES[:2])


async def test_a_model_that_finds_nothing_says_so(s: Told) -> None:
    s.model.canned = written("NOT SAID")
    answer = await s.ask("Which floor do we take?")
    s.model.behave()
    assert (answer["said"], answer["sentences"], answer["extractive"]) == (False, [], False)


@pytest.mark.parametrize("fault", [{"refuses": 500}, {"dies_after": 0}])
async def test_a_model_that_fails_leaves_quotes_and_a_reason(s: Told, fault: dict[str, int]) -> None:
    for name, value in fault.items():
        setattr(s.model, name, value)
    answer = await s.ask("How high is the rent?")
    s.model.behave()
    assert answer["extractive"] and answer["why_extractive"]
    assert answer["sentences"][0]["text"] == LINES[2]


async def test_events_come_as_they_are_known(s: Told) -> None:
    s.model.canned = written("They move on the twenty third [1][2][3][4][5][6].")
    shown = {"Accept": "text/event-stream"}
    body = {"question": "When do we carry the boxes?"}
    answer = await s.client.post(f"/api/meetings/{s.meeting}/ask", json=body, headers=shown)
    s.model.behave()
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert [event["type"] for event in events] == ["passages", "sentence", "end"]
    assert events[0]["passages"] and events[1]["sentence"]["citations"] and events[2]["said"]


async def test_corrections_are_respected_and_nothing_outlives_the_meeting(s: Told) -> None:
    other = (await s.upload(title="Other"))["id"]
    transcript = (await s.client.get(f"/api/meetings/{other}/transcript")).json()
    line = transcript["utterances"][5]["id"]
    new = "The harpsichord is tuned by Miss Ottoline every Thursday."
    await s.client.patch(f"/api/meetings/{other}/utterances/{line}", json={"text": new})
    answer = await s.ask("Who tunes the harpsichord?", "/api/ask", model="extractive")
    assert [(each["text"], each["citations"][0]["meeting"]) for each in answer["sentences"]] == [(new, other)]
    stored = [each.key async for each in s.parts.store.list(f"meetings/{other}")]
    assert f"meetings/{other}/vectors.msgpack" in stored
    await s.client.delete(f"/api/meetings/{other}", params={"purge": True})
    assert [each.key async for each in s.parts.store.list(f"meetings/{other}")] == []
    assert not (await s.ask("Who tunes the harpsichord?", "/api/ask", model="extractive"))["said"]


async def test_a_meeting_that_goes_on_can_be_asked(s: Told) -> None:
    now = datetime.now(UTC)
    row = MeetingRow(id="goes-on", owner="local", title="Now", state="live", created_at=now, source="websocket")
    await s.parts.records.add_meeting(row)
    words = [
        Word(start=1.0 + at, end=1.5 + at, text=word) for at, word in enumerate("The oven is too hot now.".split())
    ]
    await s.parts.records.add_events(row.id, [utterance_event(Utterance.of(words, "S1"))])
    answer = await s.ask("What is too hot?", "/api/meetings/goes-on/ask", model="extractive")
    assert [sentence["text"] for sentence in answer["sentences"]] == ["The oven is too hot now."]
    await s.parts.records.remove_meeting(row.id)


async def test_others_have_nothing_to_ask_about(s: Told) -> None:
    events = [event async for event in s.parts.ask.all("somebody else", "How high is the rent?")]
    assert len(events) == 2, "no passages, and the end"
