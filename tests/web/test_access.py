"""For everybody: contrast, names, keyboard, narrow windows, less movement."""

import pytest
from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web import canned
from tests.web.conftest import NewPage
from tests.web.fake_api import FakeApi
from tests.web.fake_models import key, used
from tests.web.looks import CONTRASTS, NAMELESS, TOO_WIDE

pytestmark = needs_program("chromium")

READY = {
    "/": ".row",
    "/?q=fence": ".hit",
    "/?trash=1": ".row",
    "/meetings/garden": ".cite",
    "/meetings/work": ".stage",
    "/meetings/fail": ".state.failed",
    "/meetings/partly": ".state.partly",
    "/meetings/crowd": ".speaker",
    "/meetings/none": ".empty",
    "/s/abc": ".cite",
    "/playground": ".chat-form",
    "/playground?try=transcribe": ".or",
    "/playground?try=embeddings": ".play-panel form",
    "/models": ".serves",
    "/keys": ".usage-table",
}
"""What is there once an address is shown."""


FOCUSED = """() => {
  const { activeElement: at } = document;
  return at.getAttribute('aria-label') ?? (at.labels?.[0] ?? at).textContent.trim();
}"""


@pytest.fixture
def states(api: FakeApi) -> FakeApi:
    """A meeting of every kind."""
    said = canned.garden("garden")
    api.add(canned.meeting("garden", "Garden committee"), said, canned.summary(said["utterances"]))
    api.add(canned.meeting("work", "Quarterly review", "processing"))
    api.add(canned.meeting("fail", "Phone call", "failed", error="The file holds no sound. Send it again."))
    partly = api.add(canned.meeting("partly", canned.EVIL), canned.hostile("partly"))
    partly["stages"][3].update(state="failed", error="The weights are not on this machine.")
    api.add(canned.meeting("crowd", "Assembly"), canned.crowd("crowd"))
    api.add(canned.meeting("gone", "Old talk", deleted_at="2026-11-04T10:00:00Z"))
    api.served.add_chat()
    api.served.keys = [key("k1", canned.EVIL, limits={"tokens_per_minute": 5000})]
    api.served.usage = [used(1, "k1", "qwen3", 5)]
    return api


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_every_state_can_be_read_and_named(new_page: NewPage, states: FakeApi, scheme: str, width: int) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": width, "height": 760}, reduced_motion="reduce")
    for path, ready in READY.items():
        page.goto(path)
        page.locator(ready).first.wait_for(state="attached")
        assert page.evaluate(CONTRASTS) == [], path
        assert page.evaluate(NAMELESS) == [], path
        assert page.evaluate(TOO_WIDE) <= 0, path


def test_dialogs_menus_and_fields_can_be_read(new_page: NewPage, states: FakeApi) -> None:
    page = new_page(color_scheme="dark")
    page.goto("/meetings/garden")
    page.locator(".line").first.wait_for()
    for open_it, opened in (("?", "dialog"), ("e", "textarea"), ("/", ".find")):
        page.keyboard.press("j")
        page.keyboard.press(open_it)
        page.locator(opened).wait_for()
        assert page.evaluate(CONTRASTS) == [], open_it
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    page.get_by_label("Share link").wait_for()
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate(NAMELESS) == []


def test_tab_order_of_a_meeting(page: Page, states: FakeApi) -> None:
    page.goto("/meetings/garden")
    page.locator(".cite").first.wait_for()
    seen: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate(FOCUSED)
        if seen and name in ("Skip to the content", ""):
            break
        seen.append(name)
        assert page.evaluate("() => document.activeElement.checkVisibility()")
    order = [
        "Skip to the content",
        "Parley, all meetings",
        "All meetings",
        "Find in the transcript (/)",
        "Anna Lind, 0 seconds",
        "Correct the words (e)",
        "Copy the summary as Markdown",
        "Rename Anna Lind",
        "Back 5 seconds",
        "Play",
        "Position",
        "Speed",
    ]
    assert [name for name in seen if name in order] == order
    # One stop for all lines: the keys go from line to line.
    assert len([name for name in seen if "seconds" in name and name.startswith(("Speaker", "Unknown"))]) == 0


def test_skip_link_and_focus_are_seen(page: Page, states: FakeApi) -> None:
    page.goto("/")
    page.locator(".row").first.wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_theme_is_chosen_and_kept(page: Page, states: FakeApi) -> None:
    page.goto("/")
    light = page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("button", name="Dark colours").click()
    page.reload()
    dark = page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")
    assert light != dark
    expect(page.get_by_role("button", name="Light colours")).to_be_visible()


def test_phone_shows_one_part_at_a_time(new_page: NewPage, states: FakeApi) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto("/meetings/garden")
    expect(page.locator(".line").first).to_be_visible()
    page.get_by_role("button", name="Summary", exact=True).click()
    expect(page.locator(".line").first).to_be_hidden()
    page.get_by_role("button", name="Show where this was said, at 38 seconds").first.tap()
    expect(page.locator(".line.marked")).to_be_in_viewport()
    page.get_by_role("button", name="Speakers", exact=True).click()
    expect(page.get_by_role("button", name="Rename Anna Lind")).to_be_visible()


def test_paper_has_every_word(page: Page, states: FakeApi) -> None:
    page.goto("/meetings/garden")
    page.locator(".line").last.wait_for()
    page.emulate_media(media="print")
    expect(page.locator(".line").last).to_be_visible()
    expect(page.get_by_text("The fence will be replaced in April.").first).to_be_visible()
    expect(page.locator(".player")).to_be_hidden()
