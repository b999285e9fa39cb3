"""The list of meetings: states, search, trash."""

import pytest
from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web import canned
from tests.web.fake_api import FakeApi
from tests.web.looks import time

pytestmark = needs_program("chromium")


@pytest.fixture
def meetings(api: FakeApi) -> FakeApi:
    garden = canned.garden("garden")
    api.add(canned.meeting("garden", "Garden committee"), garden, canned.summary(garden["utterances"]))
    api.add(canned.meeting("work", "Quarterly review", "processing"))
    api.add(canned.meeting("fail", "Phone call", "failed", error="The file holds no sound. Send it again."))
    return api


def test_nothing_yet_offers_upload_and_sample(page: Page, api: FakeApi) -> None:
    page.goto("/")
    expect(page.get_by_role("button", name="Drop a recording")).to_be_visible()
    page.get_by_role("button", name="Try the sample meeting").click()
    expect(page.get_by_role("heading", name="Sample meeting")).to_be_visible()


def test_states_are_told(page: Page, meetings: FakeApi) -> None:
    page.goto("/")
    rows = page.get_by_role("list", name="Meetings").get_by_role("listitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("Processing")
    expect(rows.nth(1).get_by_role("progressbar")).to_be_visible()
    expect(rows.nth(2)).to_contain_text("The file holds no sound. Send it again.")


def test_processing_meeting_becomes_done_by_itself(page: Page, meetings: FakeApi) -> None:
    page.goto("/")
    row = page.get_by_role("listitem").filter(has_text="Quarterly review")
    meetings.meetings["work"]["stages"][0].update(state="running", progress=0.5)
    expect(row).to_contain_text("Finding speech · 8 %")
    meetings.meetings["work"].update(state="done", stages=canned.stages())
    expect(row).not_to_contain_text("Processing")


def test_more_come_when_asked(page: Page, api: FakeApi) -> None:
    api.page = 3
    for number in range(5):
        api.add(canned.meeting(f"m{number}", f"Meeting {number}"))
    page.goto("/")
    expect(page.locator(".row")).to_have_count(3)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".row")).to_have_count(5)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    expect(page.get_by_role("link", name="Meeting 3")).to_be_focused()


def test_search_finds_titles_and_words_and_plays_them(page: Page, meetings: FakeApi) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill("garden")
    expect(page.get_by_role("heading", name="In titles")).to_be_visible()
    expect(page.get_by_role("heading", name="In what was said")).to_be_visible()
    expect(page.locator("mark").first).to_have_text("garden")
    page.get_by_role("searchbox").fill("fence april")
    page.locator(".hit a", has_text="April").click()
    expect(page.locator(".line.marked")).to_contain_text("The fence will be replaced in April.")
    page.wait_for_function("() => !document.querySelector('audio').paused")
    assert time(page) > 30
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("fence april")


def test_nothing_found_says_so(page: Page, meetings: FakeApi) -> None:
    page.goto("/?q=zebra")
    expect(page.get_by_role("heading", name="Nothing was found")).to_be_visible()


def test_trash_and_back_and_for_good(page: Page, meetings: FakeApi) -> None:
    page.goto("/")
    page.get_by_role("button", name="More for Garden committee").click()
    page.get_by_role("menuitem", name="Move to trash").click()
    expect(page.get_by_role("link", name="Garden committee")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Garden committee")).to_be_visible()
    page.get_by_role("button", name="More for Phone call").click()
    page.get_by_role("menuitem", name="Move to trash").click()
    page.get_by_role("link", name="Trash").click()
    page.get_by_role("button", name="Delete Phone call for good").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    assert "fail" not in meetings.meetings


def test_rename_from_the_list(page: Page, meetings: FakeApi) -> None:
    page.goto("/")
    page.get_by_role("button", name="More for Garden committee").press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Title").fill("Spring plan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Spring plan")).to_be_visible()


def test_failure_is_told_and_can_be_tried_again(page: Page, meetings: FakeApi) -> None:
    meetings.refusals["GET meetings"] = (503, "The database does not answer.")
    page.goto("/")
    expect(page.get_by_role("alert").filter(has_text="The database does not answer.")).to_be_visible()
    meetings.refusals.clear()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="Garden committee")).to_be_visible()
