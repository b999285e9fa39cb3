"""Fixtures: a browser for all tests of the page, a fake server and a fresh page for each."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.programs import program
from tests.web.fake_api import FakeApi
from tests.web.fake_server import FakeServer, serving

ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"
).split()

NewPage = Callable[..., Page]


# Not for the session: while Playwright runs, tests of other folders could start no event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=15_000)
        chromium = playwright.chromium.launch(executable_path=program("chromium"), headless=True, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def server() -> Iterator[FakeServer]:
    with serving() as running:
        yield running


@pytest.fixture
def api(server: FakeServer) -> FakeApi:
    """What the fake server knows: nothing yet."""
    server.api = FakeApi()
    return server.api


@pytest.fixture
def new_page(browser: Browser, server: FakeServer, api: FakeApi) -> Iterator[NewPage]:
    """Opens pages; whatever the browser complains about fails the test, save for answers that are errors."""
    contexts, complaints = [], []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_page(**options: Any) -> Page:
        shape = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "base_url": server.url} | options
        context = browser.new_context(**shape)
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()
