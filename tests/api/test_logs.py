"""The log: ids of request, meeting and stage on every line, and nothing of what was said."""

import io
import json
import logging
from collections.abc import AsyncGenerator, Iterator
from typing import Any, ClassVar

import pytest

from api.logs import OURS, JsonLines, TextLines
from pipeline.engine_pool import EnginePool
from pipeline.options import Options
from pipeline.steps import Step
from pipeline.trace import about, in_stage
from stages.speech import AudioChunk, Mark, Span, Word
from stages.stage import Inbox, Sound, Stage, items
from tests.api.served import Served, served
from tests.pipeline.toy_server import sound_file, toy_steps

pytestmark = pytest.mark.anyio

SECRET = "Zwiebelkuchen"


class Lines(logging.StreamHandler[io.StringIO]):
    """Keeps what is written."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__(io.StringIO())
        self.setFormatter(formatter)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def told() -> Iterator[Lines]:
    lines = Lines(JsonLines())
    logging.root.addHandler(lines)
    levels = {name: logging.getLogger(name).level for name in OURS}
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    yield lines
    logging.root.removeHandler(lines)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


class Babble(Stage[AudioChunk, Word]):
    """Says a word that nobody may read in a log, and breaks."""

    name: ClassVar[str] = "ramp"
    consumes: ClassVar[tuple[type[Span], ...]] = (AudioChunk,)
    produces: ClassVar[tuple[type[Span], ...]] = (Word,)

    async def run(self, inbox: Inbox[AudioChunk]) -> AsyncGenerator[Word | Mark, None]:
        async for chunk in items(inbox):
            yield Word(start=chunk.start, end=chunk.end, text=SECRET)
            logging.getLogger("stages.babble").info("Heard something.")


def babbling(sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
    return [Step(Babble()), *toy_steps(sound, pool, options)[1:]]


async def test_a_request_is_followed_into_its_job_and_its_stages(
    told: Lines, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with served(tmp_path_factory.mktemp("served"), steps_of=babbling) as s:
        answer = await s.client.post(
            "/api/meetings",
            params={"title": SECRET},
            content=sound_file(3),
            headers={"Content-Type": "audio/wav", "X-Request-Id": "abc-1"},
        )
        assert answer.headers["x-request-id"] == "abc-1"
        id = answer.json()["id"]
        await s.done(id)
        await s.client.get("/api/search", params={"q": SECRET})
    lines = told.read()
    heard = [line for line in lines if line["message"] == "Heard something."]
    assert {(line["request"], line["meeting"], line["stage"]) for line in heard} == {("abc-1", id, "ramp")}
    steps = [line for line in lines if line["message"].startswith("Step ")]
    assert [line["message"].split()[1] for line in steps] == ["recognise:", "summarise:", "publish:"]
    assert {(line["request"], line["meeting"]) for line in steps} == {("abc-1", id)}
    assert any(line["message"].startswith("POST /api/meetings 202") for line in lines)
    ours = [line for line in lines if not line["logger"].startswith("http")]  # the client of this test logs addresses
    assert SECRET not in json.dumps(ours)


async def test_an_id_that_could_do_harm_is_replaced(s: Served) -> None:
    for given in ("a b", "x" * 65, "a;b", "<script>"):
        answer = await s.client.get("/health", headers={"X-Request-Id": given})
        assert answer.headers["x-request-id"] != given
        assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize("formatter", [JsonLines(), TextLines()])
def test_nothing_begins_a_line_of_its_own(formatter: logging.Formatter) -> None:
    lines = Lines(formatter)
    logger = logging.getLogger("parley.test")
    logger.handlers[:] = [lines]
    with about("m1", "r1"), in_stage("transcribe"):
        logger.warning("Title: %s", "x\n2026-01-01 ERROR forged\r\x1b[2J\u2028y")
    assert len(lines.text.splitlines()) == 1
    assert not {"\r", "\x1b", "\u2028"} & set(lines.text)
    for mark in ("r1", "m1", "transcribe"):
        assert mark in lines.text


def test_an_error_tells_where_and_why_and_no_values() -> None:
    lines = Lines(JsonLines())
    logger = logging.getLogger("parley.test")
    logger.handlers[:] = [lines]
    hidden = SECRET
    try:
        raise ValueError(f"{len(hidden)} letters") from KeyError(hidden)
    except ValueError:
        logger.exception("It broke.")
    (line,) = lines.read()
    assert line["error"] == "ValueError: 13 letters (from KeyError)"
    assert "test_logs.py" in line["traceback"]
    assert SECRET not in lines.text
