"""A client that sends sound: what it is told, and what it finds when it comes back."""

import asyncio

import pytest

from tests.api.live.talk import sound, talk
from tests.api.served import Served

pytestmark = pytest.mark.anyio


async def recording(s: Served, meeting: str) -> bytes:
    """Return the samples of a meeting that has ended."""
    answer = await s.client.get(f"/api/meetings/{meeting}/audio")
    assert answer.status_code == 200
    return answer.content[44:]


async def gone(s: Served, meeting: str) -> None:
    """Wait until a meeting is heard no more."""
    session = s.parts.live.session(meeting)
    async with asyncio.timeout(10):
        if session is not None:
            await session.ended.wait()


async def test_captions_come_and_everything_that_was_sent_is_there_in_the_end(s: Served) -> None:
    data = sound(3.2)
    async with talk(s.port) as t:
        ready = await t.start(title="Stand-up")
        assert (ready["next_sample"], ready["sample_rate"]) == (0, 16_000)
        for at in range(0, len(data), 3201):  # frames that cut samples in two
            await t.socket.send(data[at : at + 3201])
        await t.until("ack", samples=len(data) // 2)
        await t.say("stop")
        end = await t.until("end")
        assert (await t.over())[0] == 1000
    assert end["state"] == "done"
    assert [told["utterance"]["text"] for told in t.told("utterance")[:3]] == ["second-0", "second-1", "second-2"]
    assert [told["text"] for told in t.told("hypothesis")][:3] == ["second 0", "second 1", "second 2"]
    numbers = [told["seq"] for told in t.heard if "seq" in told]
    assert numbers == list(range(1, len(numbers) + 1))
    assert t.told("summary")
    assert await recording(s, t.meeting) == data
    meeting = (await s.client.get(f"/api/meetings/{t.meeting}")).json()
    assert (meeting["state"], meeting["title"], meeting["source"]) == ("done", "Stand-up", "websocket")


async def test_who_comes_back_goes_on_and_doubles_are_dropped(s: Served) -> None:
    data = sound(4, seed=1)
    async with talk(s.port) as t:
        await t.start()
        await t.socket.send(data[:40_000])
        await t.until("ack", samples=20_000)
        seen = max((told["seq"] for told in t.heard if "seq" in told), default=0)
    async with talk(s.port) as again:
        ready = await again.start(meeting=t.meeting, first=15_000, after=seen)
        assert ready["next_sample"] == 20_000
        await again.socket.send(data[30_000:])
        await again.say("stop")
        await again.until("end")
        assert all(told["seq"] > seen for told in again.heard if "seq" in told)
    assert await recording(s, t.meeting) == data


async def test_a_hole_is_silence_and_a_gap(s: Served) -> None:
    data = sound(1, seed=2)
    async with talk(s.port) as t:
        await t.start()
        await t.socket.send(data)
        await t.until("ack", samples=16_000)
    async with talk(s.port) as again:
        await again.start(meeting=t.meeting, first=48_000)
        await again.socket.send(data)
        gap = await again.until("gap")
        assert (gap["start"], gap["end"], gap["stage"]) == (1.0, 3.0, "recording")
        live = (await s.client.get(f"/api/meetings/{t.meeting}/transcript")).json()
        assert [told["start"] for told in live["gaps"]] == [1.0]
        await again.say("stop")
        await again.until("end")
    assert await recording(s, t.meeting) == data + bytes(64_000) + data
    final = (await s.client.get(f"/api/meetings/{t.meeting}/transcript")).json()
    assert [(told["start"], told["end"]) for told in final["gaps"]] == [(1.0, 3.0)]


async def test_the_newest_connection_is_heard(s: Served) -> None:
    async with talk(s.port) as old, talk(s.port) as new:
        await old.start()
        await new.start(meeting=old.meeting)
        assert (await old.over())[0] == 4409
        assert old.told("error")[0]["code"] == "taken_over"
        await new.socket.send(sound(1))
        await new.until("utterance")
        await new.say("stop")
        await new.until("end")


async def test_a_client_that_pauses_is_answered(s: Served) -> None:
    async with talk(s.port) as t:
        await t.start()
        await t.say("ping")
        assert (await t.until("pong"))["lag"] == 0
        await t.socket.send(b"")
        await t.socket.send(sound(1))
        await t.until("utterance")
        await t.say("stop")
        await t.until("end")


async def test_nothing_heard_is_nothing_made(s: Served) -> None:
    async with talk(s.port) as t:
        await t.start()
        await t.say("stop")
        assert (await t.until("error"))["message"].startswith("No sound came")
        assert (await t.until("end"))["state"] == "failed"
        assert (await t.over())[0] == 1000


async def test_who_leaves_after_stop_finds_the_meeting_done(s: Served) -> None:
    async with talk(s.port) as t:
        await t.start()
        await t.socket.send(sound(1))
        await t.until("ack")
        await t.say("stop")
    assert (await s.done(t.meeting))["state"] == "done"
    async with talk(s.port) as late:
        await late.say("start", meeting=t.meeting)
        assert (await late.over())[0] == 4409
        assert late.told("error")[0]["code"] == "over"


async def test_the_transcript_grows_while_people_speak_and_can_be_corrected(s: Served) -> None:
    async with talk(s.port) as t:
        await t.start()
        await t.socket.send(sound(2))
        await t.until("utterance")
        await t.until("utterance")
        place = f"/api/meetings/{t.meeting}"
        seen = (await s.client.get(f"{place}/transcript")).json()
        assert [said["text"] for said in seen["utterances"]] == ["second-0", "second-1"]
        first = seen["utterances"][0]["id"]
        assert (await s.client.patch(f"{place}/utterances/{first}", json={"text": "hello"})).status_code == 200
        assert (await s.client.patch(place, json={"speakers": {"S1": "Ada"}})).status_code == 200
        seen = (await s.client.get(f"{place}/transcript")).json()
        assert (seen["utterances"][0]["text"], seen["speakers"][0]) == ("hello", {"label": "S1", "name": "Ada"})
        assert (await s.client.get(place)).json()["speakers"][0]["name"] == "Ada"
        await t.say("stop")
        await t.until("end")
    final = (await s.client.get(f"{place}/transcript")).json()
    assert final["utterances"][0]["text"].startswith("hello")


async def test_trash_and_purge_end_a_live_meeting(s: Served) -> None:
    async with talk(s.port) as t:
        await t.start()
        await t.socket.send(sound(1))
        await t.until("utterance")
        assert (await s.client.delete(f"/api/meetings/{t.meeting}")).status_code == 204
        await t.over()
    await gone(s, t.meeting)
    assert (await s.client.get(f"/api/meetings/{t.meeting}")).json()["state"] == "processing"
    await s.client.post(f"/api/meetings/{t.meeting}/restore")
    assert (await s.done(t.meeting))["state"] == "done"
    async with talk(s.port) as t:
        await t.start()
        await t.socket.send(sound(1))
        await t.until("ack")
        assert (await s.client.delete(f"/api/meetings/{t.meeting}?purge=true")).status_code == 204
        await t.over()
    await gone(s, t.meeting)
    assert [stat async for stat in s.parts.store.list(f"meetings/{t.meeting}")] == []
