"""A browser publishes its microphone over WebRTC, and reads captions on a data channel."""

import re
from typing import Any

from tests.programs import needs_program
from tests.web.live.conftest import NewPage
from tests.web.live.process import Process

pytestmark = needs_program("chromium")

PUBLISH = """async () => {
    const peer = new RTCPeerConnection()
    window.told = []
    peer.createDataChannel('captions').onmessage = event => window.told.push(JSON.parse(event.data))
    const sound = await navigator.mediaDevices.getUserMedia({ audio: true })
    for (const track of sound.getTracks()) peer.addTransceiver(track, { direction: 'sendonly' })
    await peer.setLocalDescription(await peer.createOffer())
    await new Promise(gathered => {
        const look = () => peer.iceGatheringState === 'complete' && gathered()
        peer.onicegatheringstatechange = look
        look()
    })
    const headers = { 'Content-Type': 'application/sdp' }
    const answer = await fetch('/api/whip?name=Reader', { method: 'POST', headers, body: peer.localDescription.sdp })
    await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() })
    window.peer = peer
    return { status: answer.status, location: answer.headers.get('Location'), link: answer.headers.get('Link') }
}"""
LEAVE = """async place => {
    window.peer.close()
    return (await fetch(place, { method: 'DELETE' })).status
}"""
HEARD = "() => window.told.filter(told => told.type === 'utterance').map(told => told.utterance.text).join(' ')"


def test_a_microphone_over_webrtc(new_page: NewPage, house: Process) -> None:
    page = new_page(house)
    page.goto("/")
    made: dict[str, Any] = page.evaluate(PUBLISH)
    assert made["status"] == 201
    page.wait_for_function("() => window.told.some(told => told.type === 'hypothesis' && told.text)", timeout=20_000)
    page.wait_for_function("() => window.told.some(told => told.type === 'utterance')", timeout=30_000)
    assert "best of times" in page.evaluate(HEARD)
    meeting = re.search(r"/api/meetings/(\w+)/live", made["link"])
    assert meeting is not None
    assert page.evaluate(LEAVE, made["location"]) == 200
    row = house.client.get(f"/api/meetings/{meeting[1]}").json()
    assert (row["source"], row["speakers"]) == ("webrtc", [{"label": "S1", "name": "Reader"}])
