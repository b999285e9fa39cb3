"""Fixtures: a browser for all tests of the page, a fake server and a fresh page for each."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from tests.programs import program
from tests.web.fake_api import FakeApi
from tests.web.fake_server import FakeServer, serving

ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"
).split()

NewPage = Callable[..., Page]

SHAPE: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}


# Not for the session: while Playwright runs, tests of other folders could start no event loop.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        expect.set_options(timeout=15_000)
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
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


@pytest.fixture(scope="package")
def usual(browser: Browser, server: FakeServer) -> Iterator[BrowserContext]:
    """A window that keeps the files of the page between tests."""
    context = browser.new_context(**SHAPE, base_url=server.url)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """Whatever the browser complains about fails the test, save for answers that are errors."""
    heard: list[str] = []
    yield heard
    assert not heard


@pytest.fixture
def page(usual: BrowserContext, api: FakeApi, complaints: list[str]) -> Iterator[Page]:
    page = _listened(usual.new_page(), complaints)
    yield page
    page.evaluate("() => localStorage.clear()")
    page.close()


@pytest.fixture
def new_page(browser: Browser, server: FakeServer, api: FakeApi, complaints: list[str]) -> Iterator[NewPage]:
    """Opens windows of another shape."""
    contexts = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**(SHAPE | {"base_url": server.url} | options))
        contexts.append(context)
        context.set_default_timeout(15_000)
        return _listened(context.new_page(), complaints)

    yield open_page
    for context in contexts:
        context.close()


def _listened(page: Page, complaints: list[str]) -> Page:
    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page
