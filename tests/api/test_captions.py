"""A scripted model that sees: slides get titles, and answers cite them."""

from pathlib import Path

import pytest

from api.app import parts_of
from api.settings import Settings
from tests.api.served import serving
from tests.api.v1.upstream import FakeProvider
from tests.pipeline.toy_server import toy_steps

pytestmark = pytest.mark.anyio


async def test_a_model_that_sees_titles_slides_and_answers_from_them(tmp_path: Path, two_slides: bytes) -> None:
    model = FakeProvider(["tiny-vl"])
    async with model.running() as url:
        parts = parts_of(Settings(data=tmp_path, chat=url), toy_steps)
        async with serving(parts) as s:
            sent = await s.client.post("/api/meetings", content=two_slides, headers={"Content-Type": "video/mp4"})
            meeting = await s.done(sent.json()["id"])
            found = (await s.client.get(f"/api/meetings/{meeting['id']}/slides")).json()["items"]
            told = [(slide["title"], slide["text"], slide["model"]) for slide in found]
            assert told == [("Paris", "Paris", "tiny-vl")] * 2
            picture, words = model.last()["messages"][1]["content"]
            assert picture["image_url"]["url"].startswith("data:image/jpeg;base64,/9j/")
            assert words["text"].startswith("What was said around it:")
            question = {"question": "Which slide is about Paris?", "model": "extractive"}
            answer = (await s.client.post(f"/api/meetings/{meeting['id']}/ask", json=question)).json()
            assert answer["said"] and answer["sentences"][0]["citations"][0]["slide"] == found[0]["id"]
