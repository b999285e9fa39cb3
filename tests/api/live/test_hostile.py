"""Clients that mean harm, or are broken: each is told why, and no meeting suffers."""

import asyncio
import base64
import os

import msgspec
import pytest

from tests.api.live.talk import sound, talk
from tests.api.served import Served

pytestmark = pytest.mark.anyio


async def healthy(s: Served) -> None:
    """Hold a meeting, as everybody else does."""
    async with talk(s.port) as t:
        await t.start()
        await t.socket.send(sound(1))
        await t.until("utterance")
        await t.say("stop")
        assert (await t.until("end"))["state"] == "done"


@pytest.mark.parametrize(
    ("first", "code", "close"),
    [
        (b"\0\0\0\0", "wrong_frame", 1003),
        ("hello", "bad_message", 4400),
        ('{"type": "dance"}', "bad_message", 4400),
        ('{"type": "stop"}', "bad_message", 4400),
        ('{"type": "start", "formt": "webm"}', "bad_message", 4400),
        ('{"type": "start", "format": "mp3"}', "bad_message", 4400),
        ('{"type": "start", "sample_rate": 96000}', "bad_message", 4400),
        ('{"type": "start", "first": -1}', "bad_message", 4400),
        ('{"type": "start", "first": 99999999999}', "bad_message", 4400),
        ('{"type": "start", "speakers": "many"}', "bad_message", 4400),
        ('{"type": "start", "meeting": "nothing"}', "not_found", 4404),
        ('{"type": "start", "title": "\\u0000"}', "bad_message", 4400),
        ('{"type": "start", "title": "\\ud800"}', "bad_message", 4400),
        ('{"x": ' + "[" * 100_000 + "]" * 100_000 + ', "type": "start"}', "bad_message", 4400),
        ("x" * (1 << 21), "too_big", 1009),
    ],
)
async def test_a_wrong_first_message_is_refused_with_a_reason(
    s: Served, first: bytes | str, code: str, close: int
) -> None:
    before = len((await s.client.get("/api/meetings")).json()["items"])
    async with talk(s.port) as t:
        await t.socket.send(first)
        assert (await t.over())[0] == close
        assert [told["code"] for told in t.told("error")] == [code]
        assert t.told("error")[0]["message"].endswith(".")
    found = (await s.client.get("/api/meetings")).json()["items"]
    assert len(found) == before


async def test_text_where_sound_is_due_and_frames_that_are_too_big(s: Served) -> None:
    for frame, close in (("{}", 4400), ('{"type": "start"}', 4400), (bytes(16 << 20), 1009)):
        async with talk(s.port) as t:
            await t.start()
            await t.socket.send(sound(1))
            await t.until("ack")
            await t.socket.send(frame)
            assert (await t.over())[0] == close
        async with talk(s.port) as again:  # the meeting waits for a better client
            assert (await again.start(meeting=t.meeting))["next_sample"] == 16_000
            await again.say("stop")
            await again.until("end")


async def test_what_is_no_container_is_refused(s: Served) -> None:
    async with talk(s.port) as t:
        await t.start(format="webm")
        async with asyncio.timeout(20):
            while t.socket.close_code is None:
                await t.socket.send(os.urandom(100_000))
                await asyncio.sleep(0.01)
    assert t.socket.close_code in (4415, 1006)


async def test_another_format_needs_a_new_stream(s: Served) -> None:
    async with talk(s.port) as t:
        await t.start()
        await t.socket.send(sound(1))
        await t.until("ack")
    async with talk(s.port) as other:
        await other.say("start", meeting=t.meeting, sample_rate=8_000)
        assert (await other.over())[0] == 4409
    async with talk(s.port) as new:
        ready = await new.start(meeting=t.meeting, sample_rate=8_000, new_stream=True)
        assert (ready["next_sample"], ready["sample_rate"]) == (8_000, 8_000)
        await new.socket.send(bytes(16_000))
        await new.until("utterance", lag=0)
        await new.say("stop")
        await new.until("end")
    assert (await s.client.get(f"/api/meetings/{t.meeting}")).json()["duration"] == pytest.approx(2.0, abs=0.01)


async def test_a_client_that_never_reads_is_left_and_slows_nobody(s: Served) -> None:
    async with talk(s.port) as t:
        await t.start(title="x" * 200)
        reader, writer = await asyncio.open_connection("127.0.0.1", s.port, limit=2000)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /api/meetings/{t.meeting}/live HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        told = b'{"type":"hypothesis","text":"%b"}' % (b"x" * 6000)
        for _ in range(5000):  # far more than the buffers of two sockets hold
            await s.parts.records.tell(t.meeting, told)
            if _ % 50 == 0:
                await asyncio.sleep(0)
        await t.socket.send(sound(1))
        assert (await t.until("utterance"))["lag"] < 1
        await t.say("stop")
        await t.until("end")
    async with asyncio.timeout(10):
        await s.parts.closing.alone()  # the server gave the silent reader up by itself
    writer.transport.abort()


async def test_a_hundred_connections_at_once_and_half_open_ones(s: Served) -> None:
    lines = [await asyncio.open_connection("127.0.0.1", s.port) for _ in range(100)]
    for _, writer in lines[:50]:
        writer.write(b"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n")
    async with asyncio.TaskGroup() as tasks:
        for _ in range(100):
            tasks.create_task(_open_and_leave(s.port))
    await healthy(s)
    for _, writer in lines:
        writer.transport.abort()


async def _open_and_leave(port: int) -> None:
    async with talk(port) as t:
        t.socket.transport.abort()


async def test_more_meetings_than_allowed_are_refused(s: Served) -> None:
    limits = s.parts.live.limits
    open_now = len(s.parts.live.sessions())
    async with asyncio.TaskGroup() as tasks:
        begun = [tasks.create_task(_begin(s.port)) for _ in range(limits.meetings_per_owner + 5)]
    codes = [task.result() for task in begun]
    assert codes.count("too_many") == 5 + open_now
    for session in s.parts.live.sessions():
        session.stop(abandoned=True)
        await session.ended.wait()
    await healthy(s)


async def _begin(port: int) -> str:
    async with talk(port) as t:
        await t.say("start")
        told = msgspec.json.decode(await t.socket.recv())
        return str(told.get("code", told["type"]))
