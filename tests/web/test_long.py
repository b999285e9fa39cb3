"""Five hours: 60,000 words open at once, scroll and are found."""

from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web import canned
from tests.web.fake_api import FakeApi
from tests.web.looks import heard

pytestmark = needs_program("chromium")

LONGEST_SCRIPT_SECONDS = 1.0


def test_five_hours(page: Page, api: FakeApi) -> None:
    said = canned.five_hours("long")
    assert len(said["utterances"]) > 5_500
    api.add(canned.meeting("long", "Annual assembly"), said)
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable")
    page.goto("/meetings/long")
    expect(page.locator(".line").first).to_be_visible()
    measured = {metric["name"]: metric["value"] for metric in metrics.send("Performance.getMetrics")["metrics"]}
    assert measured["ScriptDuration"] < LONGEST_SCRIPT_SECONDS
    expect(page.locator(".line")).to_have_count(len(said["utterances"]), timeout=60_000)
    # Far away, at once, at the right word.
    late = said["utterances"][5_000]
    page.wait_for_function("() => document.querySelector('audio').readyState > 0")
    page.evaluate("(time) => { document.querySelector('audio').currentTime = time }", late["words"][0]["start"] + 0.01)
    expect(page.locator(".line.now")).to_have_attribute("data-id", late["id"])
    assert heard(page) == late["words"][0]["text"]
    page.keyboard.press("/")
    page.keyboard.type(late["text"][:30])
    expect(page.locator(".find-count")).to_contain_text(" of ")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".line:focus")).to_be_in_viewport()
    page.evaluate("() => scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator(".line").last).to_be_in_viewport()
