"""llama.cpp with a tiny random model: what it writes fits what is asked, and it stops when nobody listens."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stages.chat import ChatPath
from stages.engine import EngineHost
from stages.engine_errors import EngineError, ModelMissing
from stages.engines.llama_cpp import LlamaCpp
from tests.contracts import check_card
from tests.models import tiny_gguf

CHAT: ChatPath = "/v1/chat/completions"
HELLO = [{"role": "user", "content": "Hello there"}]
PLACE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "maxLength": 12},
        "days": {"type": "integer", "minimum": 0},
        "kind": {"enum": ["sun", "rain", None]},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/Tag"}, "maxItems": 2},
        "note": {"type": ["string", "null"], "maxLength": 4},
    },
    "required": ["city", "days", "kind", "tags"],
    "$defs": {"Tag": {"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]}},
}


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.status, self.body = 0, b""
        self.error: EngineError | None = None
        self.begun, self.over = threading.Event(), threading.Event()
        self.over_at = 0.0

    def begin(self, status: int, media_type: str) -> None:
        self.status = status

    def part(self, block: bytes) -> None:
        self.body += block
        self.begun.set()

    def end(self, error: EngineError | None = None) -> None:
        self.over_at = time.perf_counter()
        self.error = error
        self.over.set()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    tiny_gguf.build(made)
    return made


@pytest.fixture(scope="module")
def engine(file: Path) -> Iterator[LlamaCpp]:
    made = LlamaCpp(file=file, threads=1)
    made.load(())
    yield made
    made.unload()


def ask(engine: LlamaCpp, path: ChatPath = CHAT, **asked: Any) -> dict[str, Any]:
    """Return a whole answer, which is none of an error."""
    heard = hear(engine, path, **asked)
    assert heard.status == 200, heard.body
    found: dict[str, Any] = msgspec.json.decode(heard.body)
    return found


def hear(engine: LlamaCpp, path: ChatPath = CHAT, **asked: Any) -> Heard:
    heard = Heard()
    asked = asked if "prompt" in asked else {"messages": HELLO, **asked}
    engine.start(path, msgspec.json.encode(asked), heard)
    assert heard.over.wait(60)
    assert heard.error is None
    return heard


def test_it_says_what_it_is(engine: LlamaCpp) -> None:
    check_card(engine)
    assert (engine.card.model, engine.window) == ("tiny", tiny_gguf.TRAINED)
    assert engine.count("Hello there") > 1


def test_the_same_seed_writes_the_same(engine: LlamaCpp) -> None:
    said = [ask(engine, seed=7, max_tokens=20)["choices"][0]["message"]["content"] for _ in range(3)]
    assert len(set(said)) == 1
    others = {ask(engine, seed=seed, max_tokens=20)["choices"][0]["message"]["content"] for seed in range(5)}
    assert len(others) > 1
    several = ask(engine, seed=7, max_tokens=20, n=3)["choices"]
    assert [choice["index"] for choice in several] == [0, 1, 2]
    assert several[0]["message"]["content"] == said[0] != several[1]["message"]["content"]


def test_cold_means_the_likeliest(engine: LlamaCpp) -> None:
    said = ask(engine, temperature=0, max_tokens=8, logprobs=True, top_logprobs=2)["choices"][0]["logprobs"]["content"]
    assert len(said) == 8
    assert all(token["logprob"] == token["top_logprobs"][0]["logprob"] <= 0 for token in said)
    assert all(bytes(token["bytes"]).decode(errors="replace") == token["token"] for token in said)


def test_answers_fit_the_schema(engine: LlamaCpp) -> None:
    wish = {"type": "json_schema", "json_schema": {"name": "place", "schema": PLACE}}
    for seed in range(20):
        choice = ask(engine, seed=seed, max_tokens=900, response_format=wish)["choices"][0]
        assert choice["finish_reason"] == "stop"
        said = msgspec.json.decode(choice["message"]["content"])
        assert list(said)[:4] == ["city", "days", "kind", "tags"]
        # Random weights write bytes that are no text: llama.cpp takes four of them for one sign.
        assert len(re.sub("\ufffd{1,4}", "?", said["city"])) <= 12
        assert said["days"] >= 0 and said["kind"] in ("sun", "rain", None)
        assert all(set(tag) == {"on"} and isinstance(tag["on"], bool) for tag in said["tags"])


def test_tools_that_must_be_called_are(engine: LlamaCpp) -> None:
    tools = [
        {"type": "function", "function": {"name": name, "parameters": PLACE}} for name in ("weather", "news of today")
    ]
    for choice in ("required", {"type": "function", "function": {"name": "weather"}}):
        said = ask(engine, tools=tools, tool_choice=choice, parallel_tool_calls=False, max_tokens=900)["choices"][0]
        assert said["finish_reason"] == "tool_calls" and said["message"]["content"] is None
        (call,) = said["message"]["tool_calls"]
        assert call["function"]["name"] in ("weather", "news of today")
        assert "city" in msgspec.json.decode(call["function"]["arguments"])
    assert call["function"]["name"] == "weather"
    before = [*HELLO, said["message"], {"role": "tool", "tool_call_id": call["id"], "content": "Sun"}]
    assert ask(engine, messages=before, tools=tools, max_tokens=5)["usage"]["completion_tokens"] <= 5


def test_a_stop_ends_the_answer(engine: LlamaCpp) -> None:
    said = ask(engine, seed=3, max_tokens=40)["choices"][0]["message"]["content"]
    stop = said[len(said) // 2 :][:2]
    cut = ask(engine, seed=3, max_tokens=40, stop=[stop])["choices"][0]
    assert (cut["finish_reason"], cut["message"]["content"]) == ("stop", said[: said.index(stop)])


def test_texts_go_on(engine: LlamaCpp) -> None:
    said = ask(engine, "/v1/completions", prompt=["Once upon", "a time"], max_tokens=6, n=2, logprobs=2)
    assert [choice["index"] for choice in said["choices"]] == [0, 1, 2, 3]
    assert all(len(choice["logprobs"]["tokens"]) <= 6 for choice in said["choices"])
    tokens = ask(engine, "/v1/completions", prompt=[1, 2, 3], max_tokens=4, best_of=3, echo=True)
    assert tokens["usage"]["prompt_tokens"] == 3 and len(tokens["choices"]) == 1


@pytest.mark.parametrize(
    ("asked", "param", "word"),
    [
        ({"messages": [{"role": "user", "content": "a b c " * 2000}]}, "messages", "window is 2048 tokens"),
        ({"messages": [{"role": "user", "content": "nonsense"}]}, "messages", "Nonsense is not for this model"),
        ({"messages": [{"role": "bishop", "content": "x"}]}, "messages", "role 'bishop'"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
            "messages",
            "takes no images",
        ),
        ({"tool_choice": "required"}, "tool_choice", "there are none"),
        ({"colour": "red"}, "colour", "cannot honour"),
        ({"response_format": {"type": "json_schema"}}, "response_format", "names no json_schema"),
        ({"prompt": ["x", 1]}, "prompt", "mixes"),
        ({"prompt": [99_999]}, "prompt", "there are not"),
    ],
)
def test_what_cannot_be_is_refused(engine: LlamaCpp, asked: dict[str, Any], param: str, word: str) -> None:
    heard = hear(engine, "/v1/completions" if "prompt" in asked else CHAT, **asked)
    error = msgspec.json.decode(heard.body)["error"]
    assert (heard.status, error["param"]) == (400, param)
    assert word in error["message"]


def test_it_stops_at_once_when_nobody_listens(engine: LlamaCpp) -> None:
    heard = Heard()
    body = {"messages": HELLO, "stream": True, "max_tokens": 1900, "logit_bias": {"602": -100}}
    stop = engine.start(CHAT, msgspec.json.encode(body), heard)
    waiting = Heard()
    leave = engine.start(CHAT, msgspec.json.encode(body), waiting)
    assert heard.begun.wait(30)
    left = time.perf_counter()
    leave()
    stop()
    assert heard.over.wait(10) and waiting.over.wait(10)
    assert heard.over_at - left < 0.25
    assert b"[DONE]" not in heard.body and not waiting.body
    assert ask(engine, max_tokens=3)["usage"]["completion_tokens"] <= 3


def test_without_a_template_it_completes_only(tmp_path: Path) -> None:
    tiny_gguf.build(tmp_path / "bare-00001-of-00001.gguf", template=None)
    bare = LlamaCpp(file=tmp_path)
    bare.load(())
    assert msgspec.json.decode(hear(bare).body)["error"]["message"].startswith("This model has no chat template")
    assert ask(bare, "/v1/completions", prompt="x", max_tokens=2)["choices"][0]["text"]
    bare.unload()


def test_what_is_wrong_with_the_file_is_said(tmp_path: Path, file: Path) -> None:
    absent = LlamaCpp(file=tmp_path / "none.gguf")
    assert not absent.on_disk()
    with pytest.raises(ModelMissing):
        absent.load(())
    (tmp_path / "cut.gguf").write_bytes(file.read_bytes()[:50_000])
    with pytest.raises(EngineError, match=r"cut\.gguf"):
        LlamaCpp(file=tmp_path).load(())
    with pytest.raises(EngineError, match="without GPUs"):
        LlamaCpp(file=file).load([0])


@pytest.mark.anyio
async def test_a_host_loads_and_unloads_it(file: Path) -> None:
    host = EngineHost(LlamaCpp(file=file))
    assert host.state == "on_disk"
    assert await host.call(LlamaCpp.count, "Hello") > 0
    await host.close()
    assert host.state == "on_disk"
