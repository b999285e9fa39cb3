"""Keys and usage, as an administrator sees them."""

import pytest
from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web.fake_api import FakeApi
from tests.web.fake_models import key, used

pytestmark = needs_program("chromium")


@pytest.fixture
def filled(api: FakeApi) -> FakeApi:
    """Three keys, one of them revoked, and what two of them used."""
    limits = {"requests_per_minute": 60, "qwen3:budget": 2.5}
    api.served.keys = [
        key("k1", "Anna", "admin", last_used_at="2026-11-20T09:00:00Z"),
        key("k2", "Meeting room", limits=limits),
        key("k3", "Old laptop", "read", revoked_at="2026-11-10T09:00:00Z"),
    ]
    api.served.usage = [
        used(1, "k1", "qwen3", 7),
        used(1, "k2", "qwen3", 5, failures=2),
        used(20, "k2", "moonshine-tiny-en", 3, cost=0.25),
    ]
    return api


def test_keys_are_listed_made_and_revoked(page: Page, filled: FakeApi) -> None:
    page.goto("/")
    page.get_by_role("link", name="Keys").click()
    rows = page.get_by_role("region", name="Keys that work").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("60 requests/min2.5 a day of qwen3")
    expect(page.get_by_text("One revoked key")).to_be_visible()
    page.get_by_role("button", name="Make a key").click()
    page.get_by_role("textbox", name="Name").fill("Kitchen")
    page.get_by_label("Tokens a minute").fill("5000")
    page.get_by_label("For the model").fill("qwen3")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_label("The new key")).to_have_value("parley_k4_secret")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(rows).to_have_count(3)
    assert ("POST", "keys", wish("Kitchen", "user", {"qwen3:tokens_per_minute": 5000})) in filled.calls
    page.get_by_role("button", name="Revoke Kitchen").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(rows).to_have_count(2)
    expect(page.get_by_text("2 revoked keys")).to_be_visible()
    assert ("DELETE", "keys/k4", None) in filled.calls


def wish(name: str, role: str, limits: dict[str, float]) -> dict[str, object]:
    return {"name": name, "role": role, "owner": None, "limits": limits}


def test_usage_by_key_model_and_day(page: Page, filled: FakeApi) -> None:
    page.goto("/keys")
    table = page.get_by_role("region", name="Usage by day, key and model")
    expect(table.locator("tbody tr")).to_have_count(3)
    expect(table.locator("tfoot")).to_contain_text("15")
    expect(page.locator(".chart-bar")).to_have_count(30)
    page.locator("select[name=span]").select_option("7")
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(page.locator(".chart-bar")).to_have_count(7)
    page.locator("select[name=key]").select_option("Meeting room")
    expect(table.locator("tbody tr")).to_have_count(1)
    expect(table.locator("tbody tr").first).to_contain_text("Meeting room")
    page.locator("select[name=amount]").select_option("Tokens")
    expect(page.get_by_role("img", name="Tokens by day")).to_be_visible()


def test_no_keys_and_no_usage(page: Page, api: FakeApi) -> None:
    page.goto("/keys")
    expect(page.get_by_role("heading", name="No keys yet")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing was used")).to_be_visible()


def test_what_cannot_be_shown_is_said(page: Page, api: FakeApi) -> None:
    api.refusals["GET keys"] = (503, "The database is away.")
    api.refusals["GET /v1/usage"] = (503, "The database is still away.")
    page.goto("/keys")
    expect(page.get_by_text("The database is away.")).to_be_visible()
    expect(page.get_by_text("The database is still away.")).to_be_visible()


def test_others_see_no_keys(page: Page, filled: FakeApi) -> None:
    filled.role = "user"
    page.goto("/keys")
    expect(page.get_by_role("heading", name="Keys are for administrators")).to_be_visible()
    expect(page.get_by_role("link", name="Keys")).to_have_count(0)
