"""Fixtures: a browser with a microphone that hears a recording, and a server that does the real work."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from tests.programs import program
from tests.sounds import shipped
from tests.web.conftest import ARGUMENTS
from tests.web.live.process import Process

NewPage = Callable[..., Page]
AWAY = ("Failed to load resource", "WebSocket connection to")
"""The browser says so by itself where a server is away, or answers with an error."""


@pytest.fixture(scope="package")
def microphone(playwright: Playwright) -> Iterator[Browser]:
    """A browser whose microphone hears two_cities.wav, once, whenever it is opened."""
    devices = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    heard = f"--use-file-for-fake-audio-capture={shipped('two_cities.wav')}%noloop"
    chromium = playwright.chromium.launch(
        executable_path=program("chromium"), headless=True, args=[*ARGUMENTS, *devices, heard]
    )
    yield chromium
    chromium.close()


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    program("chromium")
    server = Process(tmp_path_factory.mktemp("live"))
    yield server
    server.client.close()
    server.kill()


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Process]:
    """A server that is killed."""
    server = Process(tmp_path)
    yield server
    server.client.close()
    server.kill()


@pytest.fixture
def new_page(microphone: Browser) -> Iterator[NewPage]:
    """Opens pages of a server; whatever the browser complains about fails the test."""
    contexts, complaints = [], []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(AWAY):
            complaints.append(message.text)

    def open_page(server: Process, **options: Any) -> Page:
        shape: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "base_url": server.url}
        context = microphone.new_context(**shape | options)
        contexts.append(context)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints
