"""The page on the real server: a recording from its upload to a shared link, with real engines."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web.canned import EVIL
from tests.web.looks import CONTRASTS, NAMELESS, TOO_WIDE, click_word, time

pytestmark = needs_program("chromium")

ROOT = Path(__file__).parents[2]
PROCESSING_MILLISECONDS = 90_000


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `parley serve` listens."""
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--data", str(tmp_path_factory.mktemp("page"))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://\S+", said)
        assert found is not None, said
        yield found[0]
        process.terminate()


def test_from_upload_to_shared_link(page: Page, url: str, endgame: Path) -> None:
    meeting = upload(page, url, endgame)
    listen(page)
    correct(page)
    read_on_a_phone(page, meeting)
    share_and_delete(page, url, meeting)


def upload(page: Page, url: str, file: Path) -> str:
    page.goto(url)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Drop a recording").click()
    chooser.value.set_files(file)
    page.get_by_role("textbox", name="Title").fill(f"Endgame {EVIL}")
    page.get_by_label("Language").select_option("en")
    page.get_by_role("textbox", name="Speakers").fill("2")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("link", name="Endgame").click()
    expect(page.locator(".stage").first).to_be_visible()
    expect(page.locator(".state")).to_be_hidden(timeout=PROCESSING_MILLISECONDS)
    expect(page.locator(".speaker")).to_have_count(2)
    assert page.evaluate("() => document.body.dataset.hacked") is None
    return page.url


def listen(page: Page) -> None:
    page.wait_for_function("() => document.querySelector('audio').readyState > 0")
    line = page.locator(".line", has_text="hear me").first
    index = int(line.get_attribute("data-index") or 0)
    click_word(page, index, "hear")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0")
    page.keyboard.press(" ")
    assert 0 < time(page) < 5
    page.locator(".cite").first.click()
    expect(page.locator(".line.marked:focus")).to_be_in_viewport()
    page.keyboard.press("/")
    page.get_by_role("searchbox", name="Find").fill("resource")
    expect(page.locator(".find-count")).to_have_text(re.compile(r"1 of \d"))
    page.keyboard.press("Escape")


def correct(page: Page) -> None:
    page.get_by_role("button", name="Rename Speaker 1").click()
    page.get_by_label("Name of Speaker 1").fill(f"Nell {EVIL}")
    page.keyboard.press("Enter")
    expect(page.locator(".who").first).to_contain_text("Nell <img")
    first = page.locator(".line").first
    first.hover()
    first.get_by_role("button", name="Correct the words").click()
    page.get_by_label("Words of this line").fill("Can you hear me, <b>Nagg</b>?")
    page.keyboard.press("Enter")
    expect(first.locator(".said")).to_have_text("Can you hear me, <b>Nagg</b>?")
    first.get_by_role("button", name="Change the speaker").click()
    page.get_by_role("menuitem", name="Somebody else").click()
    expect(page.locator(".speaker")).to_have_count(3)
    page.get_by_role("button", name="More for Speaker 3").click()
    page.get_by_role("menuitem", name="Same as Speaker 2").click()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator(".speaker")).to_have_count(2)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Subtitles (srt)").click()
    assert "Can you hear me, <b>Nagg</b>?" in download.value.path().read_text()
    page.reload()
    expect(page.locator(".said").first).to_have_text("Can you hear me, <b>Nagg</b>?")
    assert page.evaluate("() => document.body.dataset.hacked") is None


def read_on_a_phone(page: Page, meeting: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    page.goto(meeting)
    expect(page.locator(".line").first).to_be_visible()
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(TOO_WIDE) <= 0
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")


def share_and_delete(page: Page, url: str, meeting: str) -> None:
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Share link").input_value()
    page.goto(link)
    expect(page.locator(".said").first).to_have_text("Can you hear me, <b>Nagg</b>?")
    expect(page.get_by_role("button", name="Rename")).to_have_count(0)
    page.wait_for_function("() => document.querySelector('audio').readyState > 0")
    page.goto(f"{url}/?q=nagg")
    page.locator(".hit a").first.click()
    expect(page.locator(".line.marked")).to_contain_text("Nagg")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Move to trash").click()
    page.get_by_role("link", name="Trash").click()
    page.get_by_role("button", name="for good").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    page.goto(meeting)
    expect(page.get_by_role("heading", name="No such meeting")).to_be_visible()
