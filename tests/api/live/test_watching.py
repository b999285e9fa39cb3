"""People who watch a meeting: a snapshot, numbered events, hypotheses between them."""

import pytest
from websockets.exceptions import InvalidStatus

from tests.api.live.talk import sound, talk
from tests.api.served import Served

pytestmark = pytest.mark.anyio


async def test_a_viewer_gets_a_snapshot_and_then_every_event(s: Served) -> None:
    async with talk(s.port) as t:
        await t.start(title="Watched")
        await t.socket.send(sound(1))
        await t.until("utterance")
        async with talk(s.port, f"/api/meetings/{t.meeting}/live") as v:
            seen = await v.until("snapshot")
            assert (seen["meeting"]["title"], seen["meeting"]["state"]) == ("Watched", "live")
            assert [said["text"] for said in seen["transcript"]["utterances"]] == ["second-0"]
            await t.socket.send(sound(1))
            told = await v.until("utterance")
            assert (told["utterance"]["text"], told["seq"]) == ("second-1", seen["seq"] + 1)
            await t.socket.send(sound(0.6))
            assert (await v.until("hypothesis"))["text"] == "second 2"
            await t.say("stop")
            assert (await v.until("end"))["state"] == "done"
            assert (await v.over())[0] == 1000
        await t.over()
    async with talk(s.port, f"/api/meetings/{t.meeting}/live?after={told['seq']}") as late:
        await late.over()
        numbers = [event["seq"] for event in late.heard]
        assert numbers[0] == told["seq"] + 1 and numbers == sorted(numbers) and not late.told("snapshot")
    async with talk(s.port, f"/api/meetings/{t.meeting}/live") as done:
        seen = await done.until("snapshot")
        assert (seen["meeting"]["state"], seen["summary"]["engine"]) == ("done", "toy")


async def test_server_sent_events_tell_the_same(s: Served) -> None:
    async with talk(s.port) as t:
        await t.start()
        await t.socket.send(sound(1))
        await t.until("utterance")
        await t.say("stop")
        await t.until("end")
        named = [told["type"] for told in t.heard if "seq" in told]
    answer = await s.client.get(f"/api/meetings/{t.meeting}/events")
    found = [line for line in answer.text.splitlines() if line.startswith("data: ") and '"seq"' in line]
    assert len(found) == len(named) and '"utterance"' in found[0]


async def test_whoever_has_the_link_watches_that_meeting_alone(s: Served) -> None:
    async with talk(s.port) as t, talk(s.port) as other:
        await t.start()
        await other.start()
        link = (await s.client.post(f"/api/meetings/{t.meeting}/share", json={})).json()["token"]
        async with talk(s.port, f"/api/meetings/{t.meeting}/live?share={link}") as v:
            assert (await v.until("snapshot"))["meeting"]["id"] == t.meeting
        for path in (f"/api/meetings/{other.meeting}/live", "/api/live"):
            with pytest.raises(InvalidStatus, match="403"):
                async with talk(s.port, f"{path}?share={link}"):
                    pass
        for each in (t, other):
            await each.say("stop")
            await each.until("end")


async def test_nobody_watches_what_is_not_there(s: Served) -> None:
    async with talk(s.port, "/api/meetings/nothing/live") as v:
        assert (await v.over())[0] == 4404
        assert v.told("error")[0]["code"] == "not_found"
