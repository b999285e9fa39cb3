"""Questions over HTTP to a real engine of ours, llama.cpp with random weights: it talks nonsense, which is not told."""

import json
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from api.app import parts_of
from api.settings import Settings
from tests.api.served import Served, serving
from tests.api.test_ask import LINES, steps
from tests.models import tiny_gguf

pytestmark = pytest.mark.anyio
QUESTION = "Which floor do we take?"


@pytest.fixture(scope="module")
async def s(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    folder = tmp_path_factory.mktemp("told")
    tiny_gguf.build(folder / "tiny.gguf")
    parts = parts_of(Settings(data=folder / "data", chat=str(folder / "tiny.gguf")), steps)
    async with serving(parts) as s:
        yield s


@pytest.fixture(scope="module")
async def meeting(s: Served) -> str:
    id: str = (await s.upload())["id"]
    return id


async def ask(s: Served, address: str) -> dict[str, Any]:
    answer = await s.client.post(address, json={"question": QUESTION})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_nonsense_that_cites_nothing_is_dropped_and_counted(s: Served, meeting: str) -> None:
    for address in (f"/api/meetings/{meeting}/ask", "/api/ask"):
        answer = await ask(s, address)
        assert (answer["model"], answer["extractive"], answer["why_extractive"]) == ("tiny", False, None)
        assert (answer["said"], answer["sentences"]) == (False, [])
        assert answer["dropped"] and LINES[1] in [line["text"] for each in answer["passages"] for line in each["lines"]]


async def test_it_is_told_as_it_comes(s: Served, meeting: str) -> None:
    shown = {"Accept": "text/event-stream"}
    answer = await s.client.post(f"/api/meetings/{meeting}/ask", json={"question": QUESTION}, headers=shown)
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert [event["type"] for event in events] == ["passages", "end"]


async def test_whoever_leaves_frees_the_model(s: Served, meeting: str) -> None:
    shown = {"Accept": "text/event-stream"}
    for _ in range(3):
        address = f"/api/meetings/{meeting}/ask"
        async with s.client.stream("POST", address, json={"question": QUESTION}, headers=shown) as answer:
            assert "passages" in await anext(answer.aiter_lines())
    with anyio.fail_after(20):
        assert (await ask(s, f"/api/meetings/{meeting}/ask"))["model"] == "tiny"


async def test_what_does_not_fit_its_window_is_asked_with_fewer_passages(s: Served) -> None:
    id = (await s.upload(title="Long"))["id"]
    transcript = (await s.client.get(f"/api/meetings/{id}/transcript")).json()
    figures = " ".join(f"{number * 7919 % 10_000:04}" for number in range(250))
    for line in transcript["utterances"]:
        new = {"text": f"{line['text']} The floor has these figures: {figures}"}
        changed = await s.client.patch(f"/api/meetings/{id}/utterances/{line['id']}", json=new)
        assert changed.status_code == 200, changed.text
    answer = await ask(s, f"/api/meetings/{id}/ask")
    assert sum(len(line["text"]) for each in answer["passages"] for line in each["lines"]) > 3 * tiny_gguf.TRAINED
    assert (answer["model"], answer["why_extractive"]) == ("tiny", None)
