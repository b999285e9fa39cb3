"""What goes wrong in the middle of a meeting, and that nothing is lost by it."""

from playwright.sync_api import expect

from tests.programs import needs_program
from tests.web.live.conftest import NewPage
from tests.web.live.process import Process
from tests.web.live.steps import SOON, bar, duration, finished, press, recorded, start
from tests.web.live.wire import Wire

pytestmark = needs_program("chromium")


def test_a_server_that_is_killed_and_comes_back_loses_nothing(new_page: NewPage, mortal: Process) -> None:
    page = new_page(mortal)
    wire = Wire(page)
    meeting = start(page, "Power cut")
    recorded(page, 4)
    expect(page.locator(".guess, .line").first).to_be_visible(timeout=SOON)
    mortal.kill()
    acknowledged = wire.acknowledged
    expect(bar(page)).to_contain_text("There is no connection to the server.")
    expect(bar(page)).to_contain_text("wait here to be sent")
    recorded(page, 7)
    mortal.start()
    expect(bar(page)).not_to_contain_text("connection", timeout=SOON)
    expect(page.locator(".column-words")).to_contain_text("age of wisdom", timeout=SOON, use_inner_text=True)
    assert [again["meeting"] for again in wire.starts[1:]] == [meeting] * (len(wire.starts) - 1)
    press(page, "Stop")
    finished(page)
    assert 0 < acknowledged * 2 < len(wire.sound)
    assert mortal.recording(meeting) == wire.sound


def test_a_page_that_is_loaded_anew_goes_on(new_page: NewPage, house: Process) -> None:
    page = new_page(house)
    wire = Wire(page)
    meeting = start(page, "Loaded anew")
    recorded(page, 4)
    page.reload()
    expect(bar(page)).to_contain_text("Interrupted")
    expect(bar(page)).to_contain_text("Nothing that was heard is lost.")
    before = len(wire.sound) / 32_000
    assert before >= 4
    page.goto("/")
    page.get_by_role("link", name="Interrupted meeting").click()
    press(page, "Go on with the meeting")
    expect(bar(page)).to_contain_text("Recording")
    recorded(page, 7)
    page.get_by_role("link", name="All meetings", exact=True).click()
    page.get_by_role("link", name="Recording 0:").click()
    press(page, "Stop")
    finished(page)
    assert duration(house, meeting) >= 7
    assert house.recording(meeting) == wire.sound


def test_a_page_that_loses_its_network_keeps_what_it_hears(new_page: NewPage, house: Process) -> None:
    page = new_page(house)
    wire = Wire(page)
    meeting = start(page, "Train")
    recorded(page, 2)
    page.context.set_offline(True)
    expect(bar(page)).to_contain_text("There is no connection to the server.")
    press(page, "Stop")
    expect(bar(page)).to_contain_text("Leave this page open.")
    page.context.set_offline(False)
    finished(page)
    assert house.recording(meeting) == wire.sound


def test_another_device_that_goes_on_takes_over(new_page: NewPage, house: Process) -> None:
    page = new_page(house)
    meeting = start(page, "Two devices")
    recorded(page, 1)
    other = new_page(house)
    other.goto(f"/meetings/{meeting}")
    other.evaluate(
        """(meeting) => new Promise((resolve) => {
          const socket = new WebSocket('/api/live');
          socket.onopen = () => socket.send(JSON.stringify({ type: 'start', meeting }));
          socket.onmessage = ({ data }) => JSON.parse(data).type === 'ready' && resolve();
          window.socket = socket;
        })""",
        meeting,
    )
    expect(page.get_by_text("Another window or device goes on with this meeting.")).to_be_visible()
    expect(bar(page)).to_contain_text("Live")
    other.evaluate("() => socket.send(JSON.stringify({ type: 'stop' }))")
    expect(page.locator(".meeting[data-state=done]")).to_be_visible(timeout=SOON)
