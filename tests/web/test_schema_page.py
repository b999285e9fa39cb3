"""The page of the API in a browser that reaches nothing but this server."""

from pathlib import Path

import anyio.from_thread
from playwright.sync_api import Page, expect

from tests.api.served import served
from tests.programs import needs_program

pytestmark = needs_program("chromium")


def test_the_api_is_shown_with_its_fields(page: Page, tmp_path: Path) -> None:
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(served(tmp_path)) as s,
    ):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{s.port}/schema")
        operation = page.locator("#operations-meetings-readMeeting")
        operation.click()
        expect(operation).to_contain_text("Return a meeting, in the trash or not")
        expect(operation).to_contain_text("Budget of the garden")
        expect(operation).to_contain_text("application/problem+json")
        assert all(address.startswith(f"http://127.0.0.1:{s.port}/") for address in asked)
