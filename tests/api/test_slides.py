"""Slides of an uploaded film: found, listed, told, shown, and gone with their meeting."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from tests.api.served import Served, served
from tests.media_files import encode, tones, with_cover

pytestmark = pytest.mark.anyio
PLAIN = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
async def s(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("served")) as started:
        yield started


async def test_slides_of_a_film(s: Served, two_slides: bytes) -> None:
    answer = await s.client.post("/api/meetings", content=two_slides, headers={"Content-Type": "video/mp4"})
    assert [stage["name"] for stage in answer.json()["stages"]][-2:] == ["keyframes", "summarize"]
    meeting = await s.done(answer.json()["id"])
    assert {stage["name"]: stage["state"] for stage in meeting["stages"]}["keyframes"] == "done"
    found = (await s.client.get(f"/api/meetings/{meeting['id']}/slides")).json()["items"]
    assert [len(slide["views"]) for slide in found] == [2, 1]
    assert [slide["start"] for slide in found] == pytest.approx([0, 6], abs=1.1)
    told = (await s.client.get(f"/api/meetings/{meeting['id']}/events")).text
    events = [json.loads(line[6:]) for line in told.splitlines() if line.startswith("data: ")]
    assert [event["slide"] for event in events if event["type"] == "slide"] == found
    await a_picture_like_any_file(s, f"/api/meetings/{meeting['id']}/slides/{found[0]['id']}/image")
    again = await s.client.post(f"/api/meetings/{meeting['id']}/runs", json={"from": "keyframes"})
    assert again.status_code == 202, again.text
    await s.done(meeting["id"])
    assert (await s.client.get(f"/api/meetings/{meeting['id']}/slides")).json()["items"] == found
    assert [key async for key in keys_of(s, meeting["id"])]
    await s.client.delete(f"/api/meetings/{meeting['id']}", params={"purge": True})
    assert not [key async for key in keys_of(s, meeting["id"])]


async def a_picture_like_any_file(s: Served, address: str) -> None:
    whole = await s.client.get(address)
    assert whole.status_code == 200 and whole.headers["content-type"] == "image/jpeg"
    assert whole.content[:3] == b"\xff\xd8\xff" and whole.headers["x-content-type-options"] == "nosniff"
    known = await s.client.get(address, headers={"If-None-Match": whole.headers["etag"]})
    assert known.status_code == 304 and not known.content
    part = await s.client.get(address, headers={"Range": "bytes=0-99"})
    assert part.status_code == 206 and part.content == whole.content[:100]
    assert (await s.client.get(address.replace("/slides/", "/slides/9"))).status_code == 404


async def test_sound_has_no_slides(s: Served) -> None:
    meeting = await s.upload()
    assert "keyframes" not in [stage["name"] for stage in meeting["stages"]]
    assert (await s.client.get(f"/api/meetings/{meeting['id']}/slides")).json() == {"items": [], "unread": None}


async def test_sound_that_nobody_named_has_no_slides_either(s: Served, endgame: Path) -> None:
    answer = await s.client.post("/api/meetings", content=await anyio.Path(endgame).read_bytes(), headers=PLAIN)
    meeting = await s.done(answer.json()["id"])
    for row in (answer.json(), meeting):
        assert "keyframes" not in [stage["name"] for stage in row["stages"]]
    sound = await s.client.get(f"/api/meetings/{meeting['id']}/audio", headers={"Range": "bytes=0-9"})
    assert sound.headers["content-type"] == "audio/wav"


@pytest.mark.parametrize("name", ["talk.mp4", "talk.webm", "talk.mkv"])
async def test_a_video_without_pictures_is_sound(s: Served, tmp_path: Path, name: str) -> None:
    sent = encode(tmp_path / name, tones(2.0)).read_bytes()
    answer = await s.client.post("/api/meetings", content=sent, headers={"Content-Type": f"video/{name[5:]}"})
    assert answer.status_code == 202, answer.text
    await is_sound(s, answer.json()["id"], "audio/mp4" if name.endswith("mp4") else "audio/webm")


async def test_a_cover_picture_is_no_slide(s: Served, tmp_path: Path) -> None:
    sent = with_cover(tmp_path / "song.mp4").read_bytes()
    answer = await s.client.post("/api/meetings", content=sent, headers={"Content-Type": "video/mp4"})
    await is_sound(s, answer.json()["id"], "audio/mp4")


async def is_sound(s: Served, id: str, media_type: str) -> None:
    """Check that a meeting is shown as what it turned out to be, and stays it."""
    for _ in range(2):
        meeting = await s.done(id)
        assert (meeting["state"], meeting["media_type"]) == ("done", media_type)
        assert "keyframes" not in [stage["name"] for stage in meeting["stages"]]
        listed = (await s.client.get("/api/meetings")).json()["items"]
        assert meeting["stages"] in [each["stages"] for each in listed if each["id"] == id]
        again = await s.client.post(f"/api/meetings/{id}/runs", json={"from": "summarize"})
        assert again.status_code == 202, again.text
    await s.done(id)
    refused = await s.client.post(f"/api/meetings/{id}/runs", json={"from": "keyframes"})
    assert refused.status_code == 400 and "no stage" in refused.json()["detail"]
    sound = await s.client.get(f"/api/meetings/{id}/audio", headers={"Range": "bytes=0-9"})
    assert sound.headers["content-type"] == media_type


async def test_actions_are_ticked_for_everybody(s: Served) -> None:
    meeting = await s.upload()
    address = f"/api/meetings/{meeting['id']}/actions"
    action = {"task": "Order the tomatoes", "evidence": "0-16000"}
    assert (await s.client.get(address)).json() == {"items": []}
    assert (await s.client.patch(address, json=action | {"done": True})).json() == {"items": [action]}
    await s.client.patch(address, json=action | {"task": "Paint the fence", "done": True})
    assert (await s.client.patch(address, json=action | {"done": False})).json()["items"][0][
        "task"
    ] == "Paint the fence"


async def keys_of(s: Served, meeting: str) -> AsyncIterator[str]:
    async for entry in s.parts.store.list(f"meetings/{meeting}"):
        yield entry.key
