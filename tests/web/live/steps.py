"""What people do with a live meeting."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.web.live.process import Process

SOON = 30_000
"""Milliseconds for what models do on a busy machine."""


def start(page: Page, title: str) -> str:
    """Start a meeting; return its id."""
    page.goto("/live")
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Start the meeting").click()
    page.wait_for_url(re.compile(r"/meetings/\w+"))
    expect(bar(page)).to_contain_text("Recording")
    return page.url.rpartition("/")[2]


def bar(page: Page) -> Locator:
    """Return the bar at the foot of a live meeting."""
    return page.get_by_role("region", name="Live meeting")


def press(page: Page, name: str) -> None:
    """Press a button of the bar."""
    bar(page).get_by_role("button", name=name).click()


def lines(page: Page) -> Locator:
    """Return the lines whose words are final."""
    return page.locator(".line .said")


def recorded(page: Page, seconds: int) -> None:
    """Wait until so much was recorded."""
    page.wait_for_function(
        """(seconds) => {
          const shown = document.querySelector('.live-time')?.textContent.split(':') ?? [];
          return shown.reduce((sum, part) => sum * 60 + Number(part), 0) >= seconds;
        }""",
        arg=seconds,
    )


def finished(page: Page) -> None:
    """Wait until the better transcript and the summary are there."""
    expect(page.locator(".meeting[data-state=done]")).to_be_visible(timeout=SOON)
    expect(bar(page)).to_have_count(0)
    expect(page.locator(".part-summary .overview")).not_to_be_empty()


def duration(server: Process, meeting: str) -> float:
    """Return the seconds of a meeting."""
    return float(server.client.get(f"/api/meetings/{meeting}").json()["duration"])
