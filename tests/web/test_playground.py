"""The playground: a chat that streams and stops, recordings, vectors."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web.fake_api import FakeApi
from tests.web.fake_models import NO_CHAT

pytestmark = needs_program("chromium")


def say(page: Page, text: str) -> None:
    page.get_by_label("Message").fill(text)
    page.get_by_label("Message").press("Enter")


def test_without_a_chat_model_the_server_says_how_to_get_one(page: Page, api: FakeApi) -> None:
    page.goto("/playground")
    expect(page.get_by_text(NO_CHAT)).to_be_visible()


def test_an_answer_comes_in_parts_and_the_chat_goes_on(page: Page, api: FakeApi) -> None:
    api.served.add_chat()
    api.served.flows.clear()
    page.goto("/playground")
    page.get_by_text("Settings").click()
    page.get_by_label("Instructions").fill("Be brief.")
    say(page, "Who is there?")
    expect(page.locator(".assistant .said-words")).to_have_text("Hello")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    api.served.flows.set()
    expect(page.locator(".assistant .said-words")).to_have_text("Hello there, Anna.")
    expect(page.locator(".assistant .about")).to_contain_text("9 tokens read, 5 written")
    say(page, "<b>And</b> now?")
    expect(page.locator(".assistant")).to_have_count(2)
    expect(page.locator(".user .said-words").last).to_have_text("<b>And</b> now?")
    expect(page.locator(".assistant .about").last).to_contain_text("tokens read")
    asked = [body for path, body in api.served.asked if path == "/v1/chat/completions"][-1]
    assert [message["role"] for message in asked["messages"]] == ["system", "user", "assistant", "user"]
    assert asked["model"] == "qwen3"
    assert asked["stream"] is True


def test_an_answer_can_be_stopped(page: Page, api: FakeApi) -> None:
    api.served.add_chat()
    api.served.flows.clear()
    page.goto("/playground")
    say(page, "Tell me everything")
    expect(page.locator(".assistant .said-words")).to_have_text("Hello")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".assistant .about")).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(page.get_by_role("alert")).to_have_text("")
    api.served.flows.set()


def test_what_goes_wrong_is_said_where_it_happened(page: Page, api: FakeApi) -> None:
    api.served.add_chat()
    api.served.breaks = True
    page.goto("/playground")
    say(page, "Hello")
    expect(page.locator(".assistant .problem")).to_contain_text("gpu-1 broke off")
    expect(page.locator(".assistant .said-words")).to_have_text("Hello")
    api.refusals["POST /v1/chat"] = (429, "The limit of 5 requests per minute of this key is used up.")
    say(page, "Once more")
    expect(page.locator(".assistant .problem").last).to_contain_text("used up")
    expect(page.get_by_label("Message")).to_have_value("Once more")


def test_a_recording_becomes_text(page: Page, api: FakeApi, tmp_path: Path) -> None:
    file = tmp_path / "talk.wav"
    file.write_bytes(b"RIFF" * 100)
    page.goto("/playground?try=transcribe")
    page.get_by_label("Recording").set_input_files(file)
    page.get_by_role("button", name="Transcribe", exact=True).click()
    expect(page.locator(".heard-words")).to_have_text("Hello there, Anna.")
    expect(page.locator(".transcribed .about")).to_contain_text("4 s of sound")
    page.get_by_label("Tell speakers apart").check()
    page.get_by_role("button", name="Transcribe", exact=True).click()
    expect(page.locator(".heard-lines li")).to_have_count(2)
    forms = [body for _, body in api.served.asked]
    assert b'name="response_format"\r\n\r\njson' in forms[0]
    assert b"diarized_json" in forms[1]
    assert b"RIFF" * 100 in forms[1]


def test_texts_are_compared(page: Page, api: FakeApi) -> None:
    page.goto("/playground")
    page.get_by_role("tab", name="Chat").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Embeddings")).to_be_focused()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".likeness tbody tr")).to_have_count(3)
    expect(page.locator(".likeness tbody td").first).to_have_text("1.00")
    assert page.url.endswith("?try=embeddings")


def test_a_key_that_reads_tries_nothing(page: Page, api: FakeApi) -> None:
    api.role = "read"
    page.goto("/playground")
    expect(page.get_by_role("heading", name="This key only reads")).to_be_visible()
    parts = page.get_by_role("navigation", name="Parts of Parley")
    expect(parts.get_by_role("link")).to_have_text(["Models"])
