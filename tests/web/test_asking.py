"""Questions, slides, evidence, the checklist, and a summary that is made again."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.programs import needs_program
from tests.web import canned
from tests.web.conftest import NewPage
from tests.web.fake_api import FakeApi
from tests.web.looks import CONTRASTS, NAMELESS, TOO_WIDE, time

pytestmark = needs_program("chromium")


@pytest.fixture
def garden(api: FakeApi) -> FakeApi:
    said = canned.garden("garden")
    api.add(canned.meeting("garden", "Garden committee"), said, canned.summary(said["utterances"]))
    api.slides["garden"] = canned.slides([0.0, 12.0, 24.0])
    return api


def opened(page: Page) -> Page:
    page.goto("/meetings/garden")
    expect(page.locator(".line")).to_have_count(13)
    page.wait_for_function("() => document.querySelector('audio').readyState > 0")
    return page


def asked(page: Page, words: str) -> None:
    page.get_by_label("Ask about this meeting").fill(words)
    page.keyboard.press("Enter")


def test_an_answer_plays_what_it_cites(page: Page, garden: FakeApi) -> None:
    opened(page)
    said = garden.transcripts["garden"]["utterances"]
    garden.answers = [canned.answer(said, dropped=1)]
    asked(page, "Who orders tomatoes?")
    expect(page.get_by_text("Written by qwen3-vl")).to_be_visible()
    expect(page.locator(".sentence")).to_have_count(2)
    expect(page.get_by_text("1 sentence was left out")).to_be_visible()
    assert garden.calls[-1] == ("POST", "meetings/garden/ask", {"question": "Who orders tomatoes?"})
    page.locator(".sentence").nth(1).get_by_role("button").click()
    page.wait_for_function("() => !document.querySelector('audio').paused")
    assert said[11]["start"] <= time(page) < said[11]["start"] + 3
    expect(page.locator(".line.marked")).to_contain_text("Nobody yet")


def test_quotes_and_what_was_not_said(page: Page, garden: FakeApi) -> None:
    opened(page)
    quotes = canned.answer(garden.transcripts["garden"]["utterances"], extractive=True)
    quotes[-1]["why_extractive"] = "The language model answers 503."
    garden.answers = [quotes, canned.UNSAID]
    asked(page, "What about the beans?")
    expect(page.get_by_text("The language model answers 503.")).to_be_visible()
    expect(page.get_by_text("Passages as they were said")).to_be_visible()
    asked(page, "Who won the cup?")
    expect(page.get_by_text("This was not said.", exact=True).first).to_be_visible()
    expect(page.locator(".sentence")).to_have_count(0)
    page.get_by_label("Ask about this meeting").press("Escape")
    expect(page.locator(".answer")).to_be_empty()


def test_a_question_that_fails_says_why(page: Page, garden: FakeApi) -> None:
    opened(page)
    garden.answers = [canned.answer(garden.transcripts["garden"]["utterances"])[:2]]
    asked(page, "Who?")
    expect(page.get_by_role("alert").filter(has_text="The answer broke off")).to_be_visible()


def test_all_meetings_are_asked_on_the_list(page: Page, garden: FakeApi) -> None:
    page.goto("/")
    garden.answers = [canned.answer(garden.transcripts["garden"]["utterances"])]
    page.get_by_label("Ask about all meetings").last.fill("Who orders tomatoes?")
    page.keyboard.press("Enter")
    page.locator(".sentence a").first.click()
    expect(page.locator(".line.marked")).to_contain_text("Who can do that by Friday?")
    page.wait_for_function("() => !document.querySelector('audio').paused")


def test_slides_keep_step_with_the_sound(page: Page, garden: FakeApi) -> None:
    opened(page)
    slides = page.locator(".slides-strip li")
    expect(slides).to_have_count(3)
    slides.nth(1).get_by_role("button").click()
    expect(slides.nth(1).get_by_role("button")).to_have_attribute("aria-current", "true")
    assert time(page) == pytest.approx(12, abs=0.1)
    page.evaluate("() => { document.querySelector('audio').currentTime = 37 }")
    expect(slides.nth(0).get_by_role("button")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Show the slide large").click()
    expect(page.get_by_role("dialog").get_by_text("slide 1 of 3")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog").get_by_text("slide 2 of 3")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_slides_that_were_not_read_say_so(page: Page, garden: FakeApi) -> None:
    garden.unread = "2 slides were not read: seer needed more than 120 s. Make the summary again to have the rest read."
    opened(page)
    expect(page.get_by_role("region", name="Slides").get_by_text(garden.unread)).to_be_visible()


def test_what_a_point_rests_on_is_shown_beside_it(page: Page, garden: FakeApi) -> None:
    opened(page)
    page.locator(".point", has_text="The wood is rotten at the gate.").hover()
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("I think we should replace all of it this year.")
    expect(tip).to_contain_text("Speaker 2")
    expect(tip.get_by_role("img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.get_by_role("checkbox", name="Order the tomatoes").focus()
    page.keyboard.press("Tab")
    expect(tip).to_contain_text("I will order the tomatoes on Thursday.")


def test_a_cited_slide_leads_to_its_moment(page: Page, garden: FakeApi) -> None:
    garden.slides["garden"][2]["title"] = "Costs of the fence"
    opened(page)
    point = page.locator(".point", has_text="Planks cost 1250")
    expect(point.locator(".cite")).to_have_count(2)
    point.get_by_role("button", name="Go to the slide Costs of the fence").click()
    expect(page.locator(".slides-strip li").nth(2).get_by_role("button")).to_have_attribute("aria-current", "true")
    assert time(page) == pytest.approx(24, abs=0.1)
    page.evaluate("() => { navigator.clipboard.writeText = (text) => { document.body.dataset.copied = text } }")
    page.get_by_role("button", name="Copy the summary as Markdown").click()
    expect(page.locator("body")).to_have_attribute(
        "data-copied", re.compile(r"Planks cost 1250, posts 480\. \[slide 0:12, slide 0:24 \(Costs of the fence\)\]")
    )


def test_done_actions_are_kept_on_the_server(page: Page, garden: FakeApi) -> None:
    opened(page)
    page.get_by_role("checkbox", name="Order the tomatoes").check()
    expect(page.get_by_role("checkbox", name="Order the tomatoes")).to_be_checked()
    first = garden.summaries["garden"]["actions"][0]["evidence"][0]
    assert garden.calls[-1][2] == {"task": "Order the tomatoes", "evidence": first, "done": True}
    garden.summaries["garden"]["actions"][0]["task"] = "Buy tomatoes"
    page.reload()
    expect(page.get_by_role("checkbox", name="Buy tomatoes")).to_be_checked()
    page.get_by_role("checkbox", name="Buy tomatoes").uncheck()
    expect(page.get_by_role("checkbox", name="Buy tomatoes")).not_to_be_checked()
    assert garden.done["garden"] == []


def test_a_summary_is_made_again_as_wished(page: Page, garden: FakeApi) -> None:
    opened(page)
    page.get_by_role("button", name="Make the summary again").click()
    page.get_by_label("Kind of meeting").select_option("Stand-up")
    page.get_by_label("Length").select_option("short")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("It is being made again.")).to_be_visible()
    assert garden.calls[-1] == ("POST", "meetings/garden/summary", {"template": "standup", "length": "short"})


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_a_running_summary_corrects_itself_visibly(
    new_page: NewPage, api: FakeApi, tmp_path: Path, scheme: str, width: int
) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    said = canned.garden("now")
    meeting = api.add(canned.meeting("now", "Garden committee", "live"), said)
    running = canned.summary(said["utterances"]) | {"extractive": False, "model": "qwen3-vl", "dropped": 0}
    withdrawn = {"kind": "decision", "text": "The fence stays as it is.", "evidence": [said["utterances"][4]["id"]]}
    events: list[canned.Json] = [
        {"type": "snapshot", "meeting": meeting, "transcript": said, "summary": None},
        {"type": "summary", "summary": running | {"withdrawn": [withdrawn]}},
        {"type": "slide", "slide": canned.slides([3.0])[0]},
    ]

    def talk(line: WebSocketRoute) -> None:
        for number, event in enumerate(events, 1):
            line.send(json.dumps(event | {"seq": number}))

    page.route_web_socket(re.compile(r"/api/meetings/now/live"), talk)
    page.goto("/meetings/now")
    expect(page.locator(".slides-strip li")).to_have_count(1)
    looked_at(page, tmp_path / f"live-words-{scheme}-{width}.png")
    if width < 900:
        page.get_by_role("button", name="Summary", exact=True).click()
    expect(page.get_by_role("heading", name="Summary so far")).to_be_visible()
    expect(page.locator(".withdrawn s")).to_have_text("The fence stays as it is.")
    expect(page.get_by_role("button", name="Make the summary again")).to_have_count(0)
    looked_at(page, tmp_path / f"live-summary-{scheme}-{width}.png")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)])
def test_every_state_can_be_read(new_page: NewPage, garden: FakeApi, tmp_path: Path, scheme: str, width: int) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    said = garden.transcripts["garden"]["utterances"]
    garden.answers = [canned.answer(said, dropped=2), canned.answer(said), canned.UNSAID]
    page.goto("/")
    page.get_by_label("Ask about all meetings").last.fill("Who orders tomatoes?")
    page.keyboard.press("Enter")
    expect(page.locator(".sentence")).to_have_count(2)
    looked_at(page, tmp_path / f"list-{scheme}-{width}.png")
    opened(page)
    looked_at(page, tmp_path / f"words-{scheme}-{width}.png")
    page.get_by_role("button", name="Show the slide large").click()
    looked_at(page, tmp_path / f"slide-{scheme}-{width}.png")
    page.keyboard.press("Escape")
    if width < 900:
        page.get_by_role("button", name="Ask", exact=True).first.click()
    for number, words in enumerate(("Who orders tomatoes?", "Who won the cup?")):
        asked(page, words)
        expect(page.locator(".answer .spinner")).to_have_count(0)
        looked_at(page, tmp_path / f"ask{number}-{scheme}-{width}.png")
    if width > 900:
        page.locator(".point", has_text="The wood is rotten at the gate.").hover()
        expect(page.get_by_role("tooltip")).to_be_visible()
        looked_at(page, tmp_path / f"evidence-{scheme}-{width}.png")


def looked_at(page: Page, file: Path) -> None:
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(TOO_WIDE) <= 0
    page.screenshot(path=file)
