"""Recordings that arrive over HTTP: whole, cut off, of the wrong kind, too large, many at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from pipeline.order import Order
from tests.api.conftest import LARGEST
from tests.api.served import Served, raw
from tests.pipeline.toy_run import keys
from tests.pipeline.toy_server import sound_file

pytestmark = pytest.mark.anyio

WAV = {"Content-Type": "audio/wav"}


async def options(s: Served, id: str) -> Order:
    return Order.of(await s.parts.records.meeting(id))


async def ids(s: Served) -> set[str]:
    """Return everything that the database and the store know of meetings."""
    listed = {row.id for row in (await s.parts.records.meetings(None, limit=200)).items}
    return listed | {key.split("/")[1] for key in await keys(s.parts.store, "") if "/" in key}


def problem(answer: Any, status: int) -> str:
    """Check the shape of a refusal and return its sentence."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told.keys() == {"type", "title", "status", "detail"}
    assert told["status"] == status
    return str(told["detail"])


async def test_a_raw_body_becomes_a_meeting(s: Served) -> None:
    data = sound_file(3)
    answer = await s.client.post("/api/meetings?title=Monday&language=en&speakers=2-4", content=data, headers=WAV)
    assert answer.status_code == 202
    made = answer.json()
    assert answer.headers["location"] == f"/api/meetings/{made['id']}"
    assert (made["title"], made["state"], made["size"], made["media_type"]) == (
        "Monday", "processing", len(data), "audio/wav",
    )  # fmt: skip
    ordered = await options(s, made["id"])
    assert (ordered.language, ordered.min_speakers, ordered.max_speakers) == ("en", 2, 4)
    done = await s.done(made["id"])
    assert (done["state"], done["duration"]) == ("done", 3.0)


@pytest.mark.parametrize("after_the_file", [False, True])
async def test_fields_of_a_form_count_wherever_they_stand(s: Served, after_the_file: bool) -> None:
    fields = [(name, (None, text)) for name, text in {"title": "<b>Böhm</b>", "speakers": "3", "tracks": ""}.items()]
    file = [("file", ("a b.wav", sound_file(1), "audio/wav"))]
    parts: Any = [*file, *fields] if after_the_file else [*fields, *file]
    answer = await s.client.post("/api/meetings", files=parts)
    assert answer.status_code == 202
    made = answer.json()
    assert made["title"] == "<b>Böhm</b>"
    ordered = await options(s, made["id"])
    assert (ordered.min_speakers, ordered.max_speakers, ordered.tracks) == (3, 3, "mixed")


async def test_a_form_streams_bytes_exactly(s: Served) -> None:
    data = sound_file(1) + bytes(range(256)) * 2000 + b"\r\n--almost\r\n"
    made = (await s.client.post("/api/meetings", files={"file": ("x.wav", data)})).json()
    assert (await s.client.get(f"/api/meetings/{made['id']}/audio")).content == data


async def test_a_body_of_unknown_length_streams(s: Served) -> None:
    async def blocks() -> AsyncIterator[bytes]:
        yield sound_file(1)
        yield b"more"

    answer = await s.client.post("/api/meetings", content=blocks(), headers=WAV)
    assert answer.status_code == 202
    assert answer.json()["size"] == len(sound_file(1)) + 4


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_upload_cut_off_at_half_leaves_nothing(s: Served, chunked: bool) -> None:
    before = await ids(s)
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 1000000"
    body = b"7a120\r\n" + b"a" * 400_000 if chunked else b"a" * 500_000
    head = b"POST /api/meetings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: audio/wav\r\n" + length + b"\r\n\r\n"
    await raw(s.port, head + body, half_closed=True)
    with anyio.fail_after(10):
        while (await ids(s)) - before:
            await anyio.lowlevel.checkpoint()
    assert await keys(s.parts.store, "unowned") == []


async def test_a_form_cut_off_at_half_leaves_nothing(s: Served) -> None:
    before = await ids(s)
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + b"a" * 300_000
    answer = await s.client.post(
        "/api/meetings", content=form, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert "cannot be read" in problem(answer, 400)
    assert await ids(s) == before


async def test_what_cannot_be_accepted_is_refused_in_words(s: Served) -> None:
    before = await ids(s)
    post = s.client.post
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    assert "audio/*" in problem(await post("/api/meetings", json={"file": "x"}), 415)
    assert "audio/*" in problem(await post("/api/meetings"), 415)
    assert "no bytes" in problem(await post("/api/meetings", headers=WAV), 400)
    assert "in the field `file`" in problem(await post("/api/meetings", files={"sound": b"x"}), 400)
    assert "no bytes" in problem(await post("/api/meetings", files={"file": b""}), 400)
    assert "two files" in problem(await post("/api/meetings", files=[("file", b"x"), ("file", b"y")]), 400)
    assert "cannot be read" in problem(await post("/api/meetings", content=b"junk", headers=form), 400)
    assert "boundary" in problem(
        await post("/api/meetings", content=b"--x", headers={"Content-Type": "multipart/form-data"}), 400
    )
    assert "65536" in problem(await post("/api/meetings", files=[("title", (None, "x" * 70_000)), ("file", b"y")]), 400)
    assert "speakers" in problem(await post("/api/meetings?speakers=many", content=b"x", headers=WAV), 400)
    assert "0" in problem(await post("/api/meetings?speakers=0", content=b"x", headers=WAV), 400)
    assert "language" in problem(await post("/api/meetings?language=../..", content=b"x", headers=WAV), 400)
    assert "title" in problem(await post("/api/meetings", files=[("file", b"y"), ("title", (None, "\x00"))]), 400)
    assert await ids(s) == before


async def test_what_is_too_large_is_refused_before_or_while_it_comes(s: Served) -> None:
    before = await ids(s)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST // 100_000 + 1):
            yield bytes(100_000)

    for content in (bytes(LARGEST + 1), endless()):
        answer = await s.client.post("/api/meetings", content=content, headers=WAV)
        assert "at most" in problem(answer, 413)
    answer = await s.client.post("/api/meetings", files={"file": bytes(LARGEST + 1)})
    assert "at most" in problem(answer, 413)
    assert await ids(s) == before


async def test_a_path_in_the_file_name_leads_nowhere(s: Served) -> None:
    made = (await s.client.post("/api/meetings", files={"file": ("../../../etc/passwd", sound_file(1))})).json()
    row = await s.parts.records.meeting(made["id"])
    assert row.original == f"meetings/{made['id']}/original/passwd"


async def test_twenty_uploads_at_once_are_twenty_meetings(s: Served) -> None:
    files = [sound_file(0.5 + number / 10) for number in range(20)]
    posts = [s.client.post(f"/api/meetings?title={len(data)}", content=data, headers=WAV) for data in files]
    made = [answer.json() for answer in await asyncio.gather(*posts)]
    assert len({meeting["id"] for meeting in made}) == 20
    for meeting, data in zip(made, files, strict=True):
        assert meeting["title"] == str(len(data))
        assert (await s.client.get(f"/api/meetings/{meeting['id']}/audio")).content == data
        await s.client.delete(f"/api/meetings/{meeting['id']}?purge=true")


async def test_the_sample_becomes_a_meeting(s: Served) -> None:
    answer = await s.client.post("/api/meetings/sample")
    assert answer.status_code == 202
    assert answer.json()["title"] == "Sample meeting"
