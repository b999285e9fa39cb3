"""Who may do what: signing in, share links, keys that only read."""

from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web import canned
from tests.web.fake_api import FakeApi

pytestmark = needs_program("chromium")


def test_sign_in_and_out(page: Page, api: FakeApi) -> None:
    api.add(canned.meeting("garden", "Garden committee"))
    api.signed_out = True
    page.goto("/")
    page.get_by_label("Key").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="This key is not known here")).to_be_visible()
    page.get_by_label("Key").fill("right")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Garden committee")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Parley")).to_be_visible()


def test_share_link_reads_only(page: Page, api: FakeApi) -> None:
    said = canned.garden("garden")
    api.add(canned.meeting("garden", "Garden committee"), said, canned.summary(said["utterances"]))
    api.signed_out = True
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/s/abc.secret")
    expect(page.locator(".line")).to_have_count(13)
    page.locator(".line").first.hover()
    expect(page.get_by_role("button", name="Copy a link to this moment")).to_be_visible()
    for name in ("Correct the words", "Rename", "Share", "All meetings", "Make the summary again", "Sign out"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.keyboard.press("s")
    expect(page.locator("textarea, :popover-open")).to_have_count(0)
    api_calls = [url for url in asked if "/api/" in url and "/api/shared/" not in url]
    assert api_calls
    assert all("share=abc.secret" in url for url in api_calls)


def test_share_link_that_ended(page: Page, api: FakeApi) -> None:
    api.refusals["GET shared"] = (404, "This link opens nothing.")
    page.goto("/s/abc.secret")
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_reading_key_changes_nothing(page: Page, api: FakeApi) -> None:
    api.role = "read"
    api.add(canned.meeting("garden", "Garden committee"), canned.garden("garden"))
    page.goto("/meetings/garden")
    expect(page.locator(".line")).to_have_count(13)
    expect(page.get_by_role("button", name="Rename Anna Lind")).to_have_count(0)
    expect(page.get_by_role("link", name="All meetings", exact=True)).to_be_visible()


def test_answers_and_slides_are_no_markup(page: Page, api: FakeApi) -> None:
    said = canned.hostile("evil")
    api.add(canned.meeting("evil", canned.EVIL), said, canned.summary(canned.garden("evil")["utterances"]))
    api.slides["evil"] = [
        each | dict.fromkeys(("title", "text", "model"), canned.EVIL) for each in canned.slides([0.0])
    ]
    api.unread = canned.EVIL
    answer = canned.answer(said["utterances"] * 12, meeting="evil")
    for each in answer[1:-1]:
        each["sentence"]["text"] = canned.EVIL
        for cited in each["sentence"]["citations"]:
            cited.update(dict.fromkeys(("title", "speaker", "text"), canned.EVIL))
    answer[-1] |= dict.fromkeys(("model", "why_extractive"), canned.EVIL)
    for path, label in (("/meetings/evil", "Ask about this meeting"), ("/", "Ask about all meetings")):
        api.answers = [answer]
        page.goto(path)
        page.get_by_label(label).last.fill(canned.EVIL)
        page.keyboard.press("Enter")
        expect(page.locator(".sentence").get_by_text("<img src=x").first).to_be_visible()
        assert page.evaluate("() => document.body.dataset.hacked") is None
        assert page.locator("main .answer img, main .slides-note img, main script").count() == 0
    page.goto("/meetings/evil")
    page.get_by_role("button", name="Show the slide large").click()
    expect(page.get_by_role("dialog").get_by_text("(read by <img")).to_be_visible()
    assert page.get_by_role("dialog").locator("img").count() == 1, "the slide itself"
    assert page.evaluate("() => document.body.dataset.hacked") is None


def test_markup_stays_text(page: Page, api: FakeApi) -> None:
    said = canned.hostile("evil")
    short = canned.summary(canned.garden("evil")["utterances"]) | {"overview": canned.EVIL, "title": canned.EVIL}
    for kind in ("topics", "decisions", "actions", "questions"):
        short[kind] = []
    short["actions"] = [
        {"task": canned.EVIL, "owner": canned.EVIL, "due": canned.EVIL, "evidence": [said["utterances"][0]["id"]]}
    ]
    api.add(canned.meeting("evil", canned.EVIL), said, short)
    api.add(canned.meeting("bad", canned.EVIL, "failed", error=canned.EVIL))
    for path in ("/", "/?q=onerror", "/meetings/evil", "/meetings/bad"):
        page.goto(path)
        expect(page.get_by_text("<img src=x").first).to_be_attached()
    page.goto("/meetings/evil")
    page.locator(".cite").first.click()
    page.locator(".speaker .menu button").first.click()
    assert page.evaluate("() => document.body.dataset.hacked") is None
    assert page.locator("main img, main script, main b").count() == 0
