"""Playground, models and usage on the real server, with its own engines and without a chat model."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web.looks import CONTRASTS, NAMELESS
from tests.web.test_real import url

pytestmark = needs_program("chromium")

__all__ = ["url"]
PATIENCE = 90_000
"""Milliseconds: engines are loaded first."""


@pytest.mark.timeout(300)
def test_models_are_tried_and_their_use_is_told(page: Page, url: str, endgame: Path) -> None:
    page.goto(f"{url}/playground")
    expect(page.get_by_text("No language model is configured")).to_be_visible()
    page.get_by_role("tab", name="Embeddings").click()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("384 dimensions")).to_be_visible(timeout=PATIENCE)
    likeness = page.locator(".likeness tbody tr").first.locator("td")
    assert float(likeness.nth(1).inner_text()) > float(likeness.nth(2).inner_text())
    page.get_by_role("tab", name="Transcribe").click()
    page.get_by_label("Recording").set_input_files(endgame)
    page.get_by_role("button", name="Transcribe", exact=True).click()
    expect(page.locator(".heard-words")).to_contain_text("hear me", timeout=PATIENCE)
    expect(page.get_by_text("real time")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_text("This server (moonshine)").first).to_be_visible()
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate(NAMELESS) == []
    page.get_by_role("link", name="Keys").click()
    expect(page.locator(".usage-table tbody tr").first).to_be_visible()
    expect(page.locator(".usage-table tfoot")).to_contain_text("2")
