"""What the page tells beside the points of a summary: how they were checked, and which day is meant."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web import canned
from tests.web.conftest import NewPage
from tests.web.fake_api import FakeApi
from tests.web.looks import CONTRASTS, TOO_WIDE

pytestmark = needs_program("chromium")

HINTS: dict[str, tuple[dict[str, Any], str]] = {
    "uncompared": ({"compared": False, "compared_by": None}, "could not be checked in this language"),
    "words": ({"compared": True, "compared_by": "words"}, "checked by the words that it shares with what it cites"),
}
ANY = ".part-summary > .hint"


def shown(page: Page, api: FakeApi, **told: object) -> None:
    """Open a meeting with a summary by a model."""
    said = canned.garden("garten")
    made = canned.summary(said["utterances"]) | {"extractive": False, "model": "qwen3-vl", "dropped": 0} | told
    api.add(canned.meeting("garten", "Garten"), said, made)
    page.goto("/meetings/garten")
    expect(page.locator(".line")).to_have_count(13)


@pytest.mark.parametrize("state", HINTS)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_a_summary_says_how_far_it_was_compared(
    new_page: NewPage, api: FakeApi, tmp_path: Path, state: str, scheme: str, width: int
) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    told, hint = HINTS[state]
    shown(page, api, **told)
    if width < 900:
        page.get_by_role("button", name="Summary", exact=True).click()
    expect(page.locator(ANY)).to_contain_text(hint)
    expect(page.locator(".origin")).to_have_text("Written by qwen3-vl")
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate(TOO_WIDE) <= 0
    page.screenshot(path=tmp_path / f"{state}-{scheme}-{width}.png")


@pytest.mark.parametrize(
    "told", [{"compared": True, "compared_by": "meaning"}, {"extractive": True, "compared": False}]
)
def test_nothing_is_said_where_there_is_nothing_to_say(page: Page, api: FakeApi, told: dict[str, object]) -> None:
    shown(page, api, **told)
    expect(page.locator(".origin")).to_be_visible()
    expect(page.locator(ANY)).to_have_count(0)


def test_an_action_says_by_when_and_which_day_that_is(page: Page, api: FakeApi) -> None:
    shown(page, api)
    expect(page.locator(".action .about")).to_have_text("Speaker 3 · on Thursday (Thu 5 Nov)")


def test_labels_in_sentences_are_names_to_readers(page: Page, api: FakeApi) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown(page, api, overview="S1 asks S2 and the S7 bus.")
    expect(page.locator(".overview")).to_have_text("Anna Lind asks Speaker 2 and the S7 bus.")
    page.get_by_role("button", name="Copy the summary as Markdown").click()
    expect(page.get_by_text("Summary copied as Markdown.")).to_be_visible()
    assert "Anna Lind asks Speaker 2 and the S7 bus." in page.evaluate("() => navigator.clipboard.readText()")


def test_the_copied_summary_says_it_too(page: Page, api: FakeApi) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown(page, api, compared=False)
    page.get_by_role("button", name="Copy the summary as Markdown").click()
    expect(page.get_by_text("Summary copied as Markdown.")).to_be_visible()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert "*What each point cites was said; whether it says the same could not be checked in this language.*" in copied
