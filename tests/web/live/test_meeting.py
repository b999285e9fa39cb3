"""A meeting from its start to its summary: for who records it, and for who opens its link."""

import re

from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web.live.conftest import NewPage
from tests.web.live.process import Process
from tests.web.live.steps import SOON, bar, finished, lines, press, recorded, start
from tests.web.live.wire import Wire
from tests.web.looks import CONTRASTS, NAMELESS, TOO_WIDE

pytestmark = needs_program("chromium")

TOP = "(line) => line.getBoundingClientRect().top"


def wheel_up(page: Page) -> None:
    page.mouse.move(300, 200)
    page.mouse.wheel(0, -3000)


def test_a_meeting_is_captioned_followed_corrected_and_improved(new_page: NewPage, house: Process) -> None:
    page = new_page(house, viewport={"width": 1000, "height": 420})
    wire = Wire(page)
    page.goto("/")
    page.get_by_role("link", name="Start a meeting").click()
    expect(page.get_by_label("Microphone", exact=True).get_by_role("option")).not_to_have_count(1)
    meeting = start(page, "Two cities")
    expect(page.locator(".guess").first).to_contain_text(re.compile(r"\w+"), timeout=SOON)
    follower = new_page(house, viewport={"width": 390, "height": 844}, color_scheme="dark")
    follower.goto(f"/meetings/{meeting}")
    expect(bar(follower)).to_contain_text("Live")
    expect(bar(follower).get_by_role("button")).to_have_count(0)

    expect(lines(page).first).to_contain_text("worst of times", timeout=SOON)
    expect(lines(follower).first).to_contain_text("worst of times", timeout=SOON)
    for shown in (page, follower):
        assert shown.evaluate(TOO_WIDE) <= 0
        assert shown.evaluate(CONTRASTS) == []
        assert shown.evaluate(NAMELESS) == []

    # Who scrolls up stays there, and a correction that was begun outlives the end of the meeting.
    wheel_up(page)
    first = page.locator(".line").first
    first.focus()
    page.keyboard.press("e")
    field = page.get_by_label("Words of this line")
    field.fill("It was the best of times, as I remember it.")
    expect(page.get_by_role("button", name="Jump to now")).to_be_visible(timeout=SOON)
    expect(first.locator("xpath=..").locator(".line")).not_to_have_count(1, timeout=SOON)
    before = first.evaluate(TOP)
    press(page, "Stop")
    finished(follower)
    expect(page.locator(".meeting[data-state=done]")).to_be_visible(timeout=SOON)
    expect(field).to_have_value("It was the best of times, as I remember it.")
    assert abs(first.evaluate(TOP) - before) < 4
    field.press("Enter")
    expect(lines(page).first).to_have_text("It was the best of times, as I remember it.")
    finished(page)
    told = house.client.get(f"/api/meetings/{meeting}/transcript?format=json").json()
    assert len(told["utterances"]) > 1
    for shown in (page, follower):
        expect(lines(shown)).to_have_count(len(told["utterances"]))
    expect(page.get_by_role("region", name="Player")).to_be_visible()
    assert house.recording(meeting) == wire.sound
    assert told["utterances"][0]["text"] == "It was the best of times, as I remember it."


def test_hypotheses_wait_for_their_words(new_page: NewPage, house: Process) -> None:
    page = new_page(house)
    page.goto("/live")
    shown = page.evaluate(
        """async () => {
          const { Hypotheses } = await import('/live/hypotheses.js');
          const guesses = new Hypotheses();
          const look = () => [...guesses.element.children].map((guess) => {
            const agreed = guess.querySelector('.agreed').textContent;
            return [agreed, guess.textContent.slice(agreed.length)];
          });
          const seen = [];
          const take = (start, end, text, agreed) => {
            guesses.take({ track: '0', start, end, text, agreed });
            seen.push(look());
          };
          take(0, 1, '😀 so', 2);
          take(0, 2, '😀 so far', 4);
          take(3, 4, 'and', 0);
          guesses.settle({ id: '0-0', end: 2 });
          seen.push(look());
          take(3, 5, '', 0);
          return seen;
        }"""
    )
    assert shown == [
        [["😀 ", "so"]],
        [["😀 so", " far"]],
        [["😀 so", " far"], ["", "and"]],
        [["", "and"]],
        [],
    ]


def test_a_recorder_does_where_there_is_no_worklet(new_page: NewPage, house: Process) -> None:
    page = new_page(house)
    page.add_init_script("delete BaseAudioContext.prototype.audioWorklet")
    wire = Wire(page)
    meeting = start(page, "By a recorder")
    assert wire.starts[0]["format"] == "webm"
    expect(page.locator(".guess").first).to_contain_text(re.compile(r"\w+"), timeout=SOON)
    page.locator(".meeting").click(position={"x": 5, "y": 300})
    page.keyboard.press(" ")
    expect(bar(page)).to_contain_text("Paused")
    page.keyboard.press(" ")
    expect(bar(page)).to_contain_text("Recording")
    recorded(page, 6)
    press(page, "Stop")
    finished(page)
    expect(lines(page).first).to_contain_text("wisdom")
    assert any("bytes" in told for told in wire.told if told["type"] == "ack")
    assert house.client.get(f"/api/meetings/{meeting}").json()["duration"] > 5
