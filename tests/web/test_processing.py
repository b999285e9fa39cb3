"""Meetings that are being processed, failed, or made again."""

import pytest
from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web import canned
from tests.web.fake_api import FakeApi

pytestmark = needs_program("chromium")


@pytest.fixture
def working(page: Page, api: FakeApi) -> FakeApi:
    """A meeting whose first stage runs, open in the page."""
    api.add(canned.meeting("work", "Quarterly review", "processing"))
    page.goto("/meetings/work")
    expect(page.get_by_label("Words appear here")).to_be_attached()
    return api


def test_stages_then_words_then_everything(page: Page, working: FakeApi) -> None:
    said = canned.garden("work")
    for name, state in (("detect_speech", "done"), ("transcribe", "running")):
        working.tell(
            "work", {"type": "stage", "stage": {"name": name, "state": state, "progress": 0.0, "engine": name}}
        )
    working.tell(
        "work", {"type": "progress", "stages": [{"name": "transcribe", "progress": 0.4, "rtfx": 24.0}]}, numbered=False
    )
    stage = page.locator(".stage", has_text="Write down words")
    expect(stage).to_contain_text("40 % · 24×")
    expect(stage.get_by_role("progressbar")).to_have_js_property("value", 0.4)
    for utterance in said["utterances"][:4]:
        working.tell("work", {"type": "utterance", "utterance": utterance})
    expect(page.locator(".line")).to_have_count(4)
    expect(page.locator(".line").nth(1)).to_contain_text("I counted the seeds")
    working.add(canned.meeting("work", "Quarterly review"), said, canned.summary(said["utterances"]))
    working.tell("work", {"type": "end", "run": 1, "state": "done"})
    expect(page.locator(".line")).to_have_count(13)
    expect(page.locator(".state")).to_be_hidden()
    expect(page.get_by_text("The fence will be replaced in April.").first).to_be_visible()


def test_end_of_an_earlier_run_ends_nothing(page: Page, working: FakeApi) -> None:
    stage = page.locator(".stage", has_text="Write down words")
    working.meetings["work"]["stages"][1].update(state="running", progress=0.3)
    working.tell("work", {"type": "end", "run": 0, "state": "done"})
    expect(stage).to_contain_text("30 %")
    working.tell("work", {"type": "stage", "stage": {"name": "transcribe", "state": "running", "progress": 0.5}})
    expect(stage).to_contain_text("50 %")
    expect(page.locator(".state")).to_be_visible()


def test_correction_outlives_the_news(page: Page, working: FakeApi) -> None:
    said = canned.garden("work")
    for utterance in said["utterances"][:2]:
        working.tell("work", {"type": "utterance", "utterance": utterance})
    expect(page.locator(".line")).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.get_by_label("Words of this line").fill("Still being typed")
    working.add(canned.meeting("work", "Quarterly review"), said)
    working.tell("work", {"type": "end", "run": 1, "state": "done"})
    expect(page.locator(".state")).to_be_hidden()
    expect(page.get_by_label("Words of this line")).to_have_value("Still being typed")
    page.keyboard.press("Enter")
    expect(page.locator(".line")).to_have_count(13)
    expect(page.locator(".said").first).to_have_text("Still being typed")


def test_failure_says_what_happened_and_what_to_do(page: Page, api: FakeApi) -> None:
    why = "The file holds no sound that can be decoded. Play it in another program."
    api.add(canned.meeting("fail", "Phone call", "failed", error=why))
    page.goto("/meetings/fail")
    expect(page.get_by_role("heading", name="This recording could not be processed")).to_be_visible()
    expect(page.get_by_text(why)).to_be_visible()
    expect(page.get_by_text("There is nothing to ask about, because processing failed.")).to_be_visible()
    expect(page.get_by_label("Ask about this meeting")).to_be_hidden()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Waiting for its turn")).to_be_visible()
    assert api.calls[-1] == ("POST", "meetings/fail/runs", {"from": "detect_speech"})


def test_one_stage_that_failed_costs_itself_only(page: Page, api: FakeApi) -> None:
    made = api.add(canned.meeting("partly", "Town hall"), canned.garden("partly"))
    made["stages"][3].update(state="failed", error="The weights are not on this machine.")
    page.goto("/meetings/partly")
    expect(page.locator(".state")).to_contain_text("“Tell speakers apart” failed: The weights are not on this machine.")
    expect(page.locator(".line")).to_have_count(13)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".stages")).to_be_visible()
    assert api.calls[-1] == ("POST", "meetings/partly/runs", {"from": "diarize"})


def test_run_again_from_a_stage(page: Page, api: FakeApi) -> None:
    api.add(canned.meeting("done", "Town hall"), canned.garden("done"))
    page.goto("/meetings/done")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Run again…").click()
    page.get_by_label("From the step").select_option("diarize")
    page.get_by_role("textbox", name="Speakers").fill("2 – 3")
    page.get_by_role("button", name="Run again").click()
    expect(page.locator(".stages")).to_be_visible()
    assert api.calls[-1] == ("POST", "meetings/done/runs", {"from": "diarize", "speakers": "2-3"})


def test_meeting_in_the_trash_can_be_restored(page: Page, api: FakeApi) -> None:
    api.add(canned.meeting("gone", "Town hall", deleted_at="2026-11-04T10:00:00Z"), canned.garden("gone"))
    page.goto("/meetings/gone")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".state")).to_be_hidden()


def test_unknown_meeting(page: Page, api: FakeApi) -> None:
    page.goto("/meetings/none")
    expect(page.get_by_role("heading", name="No such meeting")).to_be_visible()
    page.goto("/nowhere/at/all")
    expect(page.get_by_role("heading", name="Nothing is here")).to_be_visible()
