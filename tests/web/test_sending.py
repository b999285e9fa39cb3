"""Recordings on their way to the server."""

from typing import Any

from playwright.sync_api import FilePayload, Page, Route, expect

from tests.programs import needs_program
from tests.web import canned
from tests.web.conftest import NewPage
from tests.web.fake_api import FakeApi

pytestmark = needs_program("chromium")

FILES: list[FilePayload] = [
    {"name": "board_meeting.m4a", "mimeType": "audio/mp4", "buffer": b"m" * 3000},
    {"name": "interview.wav", "mimeType": "audio/wav", "buffer": b"w" * 2000},
]


def choose(page: Page, files: list[FilePayload]) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(files)


def test_several_files_with_their_wishes(page: Page, api: FakeApi) -> None:
    api.add(canned.meeting("old", "Old one"))
    page.goto("/")
    choose(page, FILES)
    page.get_by_label("Title 1").fill("Board, November")
    page.get_by_label("Language").select_option("de")
    page.get_by_label("Speakers").fill("2 to 4")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("link", name="Board, November")).to_be_visible()
    expect(page.get_by_role("link", name="interview")).to_be_visible()
    first = next(body.decode() for body in api.uploads if b"board_meeting" in body)
    assert all(f'name="{name}"\r\n\r\n{value}' in first for name, value in (("language", "de"), ("speakers", "2-4")))
    assert first.index('name="language"') < first.index('name="file"; filename="board_meeting.m4a"')


def test_refusal_is_told_and_sent_again(page: Page, api: FakeApi) -> None:
    api.refusals["POST meetings"] = (415, "This is a picture, not a recording.")
    page.goto("/")
    choose(page, FILES[:1])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").filter(has_text="This is a picture")).to_be_visible()
    api.refusals.clear()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("link", name="board meeting")).to_be_visible()


def test_progress_goes_on_elsewhere_and_can_be_cancelled(page: Page, api: FakeApi) -> None:
    api.add(canned.meeting("old", "Old one"))
    held: list[Route] = []
    page.route(
        "**/api/meetings", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    page.goto("/")
    choose(page, FILES[:1])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("progressbar", name="Sending board meeting")).to_be_visible()
    page.get_by_role("link", name="Old one").click()
    expect(page.get_by_role("heading", name="Old one")).to_be_visible()
    page.get_by_role("link", name="Sending 1").click()
    page.get_by_role("button", name="Cancel sending board meeting").click()
    expect(page.get_by_role("list", name="Recordings being sent")).to_be_hidden()
    assert len(api.meetings) == 1


def test_connection_that_breaks(page: Page, api: FakeApi) -> None:
    page.route("**/api/meetings", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.goto("/")
    choose(page, FILES[:1])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").filter(has_text="The connection broke")).to_be_visible()


def test_files_dropped_anywhere(new_page: NewPage, api: FakeApi) -> None:
    page = new_page()
    page.goto("/")
    expect(page.get_by_role("button", name="Drop a recording")).to_be_visible()
    drop: Any = """() => {
      const carried = new DataTransfer();
      carried.items.add(new File(['x'.repeat(100)], 'dropped_talk.ogg', { type: 'audio/ogg' }));
      carried.items.add(new File([], 'nothing.ogg', { type: 'audio/ogg' }));
      const how = { dataTransfer: carried, bubbles: true, cancelable: true };
      const send = (type) => document.body.dispatchEvent(new DragEvent(type, how));
      send('dragenter');
      const shown = document.querySelector('.veil').checkVisibility();
      send('drop');
      return shown;
    }"""
    assert page.evaluate(drop)
    expect(page.get_by_role("textbox", name="Title")).to_have_value("dropped talk")
    expect(page.get_by_role("alert").filter(has_text="nothing.ogg is empty")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("link", name="dropped talk")).to_be_visible()
