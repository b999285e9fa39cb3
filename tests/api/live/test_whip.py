"""WebRTC participants publish with WHIP: each is a track, named, captioned, and part of the transcript."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from api.settings import Settings
from pipeline.live.publications import IceServer, WebrtcSettings
from pipeline.options import Options
from pipeline.score import word_errors
from pipeline.slides import keyframes
from pipeline.steps import live_steps_of, steps_of
from tests.api.live.publisher import Microphone, Publisher, Screen
from tests.api.served import Served, served
from tests.sounds import shipped, speech

pytestmark = pytest.mark.anyio

TURN = IceServer(url="turn:turn.example:3478", username="me", credential="secret")


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    folder = tmp_path_factory.mktemp("whip")
    async with served(folder, steps_of=steps_of, live_steps_of=live_steps_of) as started:
        yield started


def said(name: str, first: float, last: float) -> NDArray[np.int16]:
    """Return speech at 48 kHz with half a second of silence behind it."""
    sound = speech(shipped(name))[round(first * 16_000) : round(last * 16_000)]
    at = np.arange(len(sound) * 3) / 3
    return np.pad((np.interp(at, np.arange(len(sound)), sound) * 32_767).astype(np.int16), (0, 24_000))


async def test_two_participants_a_screen_and_captions(server: Served) -> None:
    nagg = Microphone(said("endgame_nagg_nell.wav", 4.8, 8.2))
    nell = Microphone(said("endgame_nagg_nell.wav", 8.6, 11.4))
    async with Publisher(server.client, nagg, Screen(4.0), name="Nagg") as first:
        assert first.answer.headers["content-type"] == "application/sdp"
        assert f"</api/meetings/{first.meeting}/live>" in first.answer.headers["link"]
        async with asyncio.timeout(30):
            await nagg.over.wait()
            async with Publisher(server.client, nell, meeting=first.meeting, name="Nell") as second:
                assert second.meeting == first.meeting
                await nell.over.wait()
                while sum('"type":"utterance"' in told for told in first.captions) < 2:
                    assert (await server.client.get("/health")).status_code == 200
                assert (await second.leave()).status_code == 200
        row = (await server.client.get(f"/api/meetings/{first.meeting}")).json()
        assert (row["state"], row["source"]) == ("live", "webrtc")
        assert (await first.leave()).status_code == 200
        assert (await first.leave()).status_code == 404
    meeting = await server.done(first.meeting)
    assert meeting["state"] == "done"
    assert {speaker["name"] for speaker in meeting["speakers"]} == {"Nagg", "Nell"}
    transcript = (await server.client.get(f"/api/meetings/{first.meeting}/transcript")).json()
    names = {speaker["label"]: speaker["name"] for speaker in transcript["speakers"]}
    heard = {names[line["speaker"]]: line["text"] for line in transcript["utterances"]}
    assert word_errors("We laugh less heartily so we have still that resource.", heard["Nagg"]).wer < 0.3
    assert word_errors("Laugh less heartily so, we have still that resource.", heard["Nell"]).wer < 0.3
    assert [gap for gap in transcript["gaps"] if gap["stage"] == "recording"] == []
    captions = [msgspec.json.decode(told) for told in first.captions]
    assert any(told["type"] == "utterance" and "resource" in told["utterance"]["text"] for told in captions)
    kept = await keyframes(server.parts.store, first.meeting)
    assert len(kept) == 2 and kept[0].end == kept[1].start


async def test_bad_offers_and_what_is_not_done(server: Served) -> None:
    post, sdp = server.client.post, {"Content-Type": "application/sdp"}
    answers = [
        await post("/api/whip", content="v=0\r\nnonsense", headers=sdp),
        await post("/api/whip", content=b"\xff\xfe", headers=sdp),
        await post("/api/whip", content="", headers=sdp),
        await post("/api/whip", json={}),
        await post("/api/whip", content="v=0", headers=sdp, params={"meeting": "nobody"}),
        await post("/api/whip", content="0" * 300_000, headers=sdp),
        await server.client.patch("/api/whip/somebody", content="a=candidate", headers=sdp),
        await server.client.delete("/api/whip/somebody"),
        await server.client.get("/api/whip"),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 415, 404, 413, 405, 404, 405]
    assert answers[6].headers["allow"] == "DELETE"
    listed = (await server.client.get("/api/meetings")).json()["items"]
    assert [row for row in listed if row["state"] == "live"] == []


async def test_a_publisher_that_vanishes_leaves_its_meeting_open(server: Served) -> None:
    microphone = Microphone(said("two_cities.wav", 0, 1.5))
    async with Publisher(server.client, microphone) as publisher, asyncio.timeout(20):
        await microphone.over.wait()
    async with asyncio.timeout(20):
        while server.parts.publications.of(publisher.meeting):
            assert (await server.client.get("/health")).status_code == 200
    session = server.parts.live.session(publisher.meeting)
    assert session is not None and not session.is_stopping
    await server.parts.live.end(session)
    assert (await server.done(publisher.meeting))["state"] == "done"


async def test_a_meeting_of_another_kind_is_not_joined(server: Served) -> None:
    session = await server.parts.live.begin("local", "websocket", None, Options())
    with pytest.raises(AssertionError, match="does not take WebRTC"):
        async with Publisher(server.client, Microphone(np.zeros(960, np.int16)), meeting=session.row.id):
            pass
    session.stop(abandoned=True)


async def test_ice_servers_are_told() -> None:
    from api.routes.whip import ice_link

    settings = Settings(webrtc=WebrtcSettings(ice_servers=(TURN, IceServer(url="stun:stun.example"))))
    told = [ice_link(server) for server in settings.webrtc.ice_servers]
    assert told[0].startswith('<turn:turn.example:3478>; rel="ice-server"; username="me"; credential="secret"')
    assert told[1] == '<stun:stun.example>; rel="ice-server"'
