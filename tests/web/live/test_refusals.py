"""What cannot be: told in words, with a way on."""

from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect
from websockets.sync.client import connect

from tests.programs import needs_program
from tests.web.live.conftest import NewPage
from tests.web.live.process import Process
from tests.web.live.steps import bar, press
from tests.web.looks import CONTRASTS, NAMELESS, TOO_WIDE

pytestmark = needs_program("chromium")

SHARED = """() => {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const context = new AudioContext();
    const target = context.createMediaStreamDestination();
    const tone = context.createOscillator();
    tone.connect(target);
    tone.start();
    window.shared = target.stream.getAudioTracks()[0];
    return target.stream;
  };
}"""


def begin(page: Page) -> None:
    page.goto("/live")
    page.get_by_role("button", name="Start the meeting").click()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotAllowedError", "The browser does not let this page hear the microphone."),
        ("NotFoundError", "There is no microphone."),
        ("NotReadableError", "another program may be using it"),
    ],
)
def test_a_microphone_that_cannot_be_heard(new_page: NewPage, house: Process, error: str, words: str) -> None:
    page = new_page(house)
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}') }}"
    )
    begin(page)
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(page.get_by_role("button", name="Start the meeting")).to_be_enabled()


def test_a_page_that_is_not_secure(new_page: NewPage, house: Process) -> None:
    page = new_page(house, viewport={"width": 390, "height": 844})
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.goto("/live")
    expect(page.get_by_text("only to pages with https:// in their address")).to_be_visible()
    expect(page.get_by_role("link", name="All meetings", exact=True)).to_be_visible()
    assert page.evaluate(TOO_WIDE) <= 0


def test_a_server_that_hears_enough(new_page: NewPage, house: Process) -> None:
    page = new_page(house)
    with ExitStack() as others:
        told, sockets = "ready", []
        while "ready" in told:
            sockets.append(others.enter_context(connect(f"ws://127.0.0.1:{house.port}/api/live")))
            sockets[-1].send('{"type": "start"}')
            told = str(sockets[-1].recv())
        begin(page)
        expect(page.get_by_role("alert").filter(has_text="live meetings are open, as many as allowed")).to_be_visible()
        assert page.url.endswith("/live")
        for socket in sockets[:-1]:
            socket.send('{"type": "stop"}')


def test_a_share_without_sound_and_one_that_ends(new_page: NewPage, house: Process) -> None:
    page = new_page(house, viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto("/live")
    page.get_by_role("radio", name="Tab or screen").check(force=True)
    page.evaluate("() => { navigator.mediaDevices.getDisplayMedia = async () => new MediaStream() }")
    page.get_by_role("button", name="Start the meeting").click()
    expect(page.get_by_role("alert").filter(has_text="comes without sound")).to_be_visible()
    assert page.evaluate(TOO_WIDE) <= 0
    for asked in (CONTRASTS, NAMELESS):
        assert page.evaluate(asked) == []
    page.evaluate(SHARED)
    page.get_by_role("button", name="Start the meeting").click()
    expect(bar(page)).to_contain_text("Recording")
    page.evaluate("() => shared.dispatchEvent(new Event('ended'))")
    expect(bar(page)).to_contain_text("The sharing has ended. Everything up to here is safe.")
    press(page, "Go on")
    expect(bar(page)).to_contain_text("Recording")
    press(page, "Stop")
    expect(page.locator(".meeting[data-state=done]")).to_be_visible(timeout=30_000)


def test_who_only_watches_has_no_key_that_stops_anything(new_page: NewPage, house: Process) -> None:
    page = new_page(house)
    with connect(f"ws://127.0.0.1:{house.port}/api/live") as socket:
        socket.send('{"type": "start", "title": "Only watched"}')
        meeting = str(socket.recv()).partition('"meeting":"')[2].partition('"')[0]
        page.goto(f"/meetings/{meeting}")
        expect(bar(page)).to_contain_text("Live")
        expect(page.get_by_text("Captions appear here as soon as somebody speaks.")).to_be_visible()
        page.keyboard.press(" ")
        page.keyboard.press("Escape")
        expect(bar(page)).to_contain_text("Live")
        link = house.client.post(f"/api/meetings/{meeting}/share", json={}).json()["token"]
        guest = new_page(house)
        guest.goto(f"/s/{link}")
        expect(bar(guest)).to_contain_text("Live")
        socket.send('{"type": "stop"}')
        for shown in (page, guest):
            expect(shown.get_by_text("No sound came.")).to_be_visible()
