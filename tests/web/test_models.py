"""Models: what is served, by whom, how they are, and a line for a terminal."""

from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web.canned import EVIL
from tests.web.fake_api import FakeApi
from tests.web.fake_models import model, provider

pytestmark = needs_program("chromium")


def test_each_model_says_who_serves_it(page: Page, api: FakeApi) -> None:
    api.served.add_chat()
    page.goto("/models")
    card = page.locator(".model", has=page.get_by_role("heading", name="qwen3"))
    expect(card.locator(".serves")).to_have_count(2)
    expect(card.locator(".serves").first).to_contain_text("gpu-1 (vllm)2 under way")
    expect(card.locator(".serves").last).to_contain_text("left alone after failures")
    expect(card).to_contain_text("Also called gpt-4o")
    expect(page.locator(".model")).to_have_count(3)
    expect(page.get_by_text("This server (moonshine)")).to_be_visible()
    card.get_by_text("Use it from a terminal").click()
    expect(card.locator("pre")).to_contain_text('{"model":"qwen3","messages"')
    expect(card.locator("pre")).to_contain_text("$PARLEY_KEY")
    page.evaluate("() => { navigator.clipboard.writeText = (text) => { document.body.dataset.copied = text; }; }")
    card.get_by_role("button", name="Copy the curl").click()
    assert str(page.evaluate("() => document.body.dataset.copied")).startswith("curl http://127.0.0.1:")
    card.get_by_role("link", name="Try qwen3").click()
    expect(page.locator("select[name=model]")).to_have_value("qwen3")


def test_nothing_is_served(page: Page, api: FakeApi) -> None:
    api.served.models = []
    lost = "The provider chat could not be reached."
    api.served.providers = [provider("chat", ready=False, models=[], error=lost)]
    page.goto("/models")
    expect(page.get_by_role("heading", name="Nothing is served here yet")).to_be_visible()
    expect(page.locator(".trouble")).to_contain_text(lost)


def test_models_that_cannot_be_shown_are_asked_for_again(page: Page, api: FakeApi) -> None:
    api.refusals["GET /v1/models"] = (503, "The database is away.")
    page.goto("/models")
    expect(page.get_by_role("alert").filter(has_text="The database is away.")).to_be_visible()
    api.refusals.clear()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".model")).to_have_count(2)


def test_names_are_no_markup(page: Page, api: FakeApi) -> None:
    api.served.models = [model(EVIL, "text-generation", EVIL, description=EVIL, owned_by=EVIL, aliases=[EVIL])]
    api.served.providers = [provider(EVIL, error=EVIL)]
    page.goto("/models")
    expect(page.get_by_text("<img src=x").first).to_be_visible()
    page.goto("/playground")
    expect(page.get_by_label("Message")).to_be_visible()
    assert page.evaluate("() => document.body.dataset.hacked") is None
