"""One meeting: listen, read, correct, find, pass on."""

import pytest
from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web import canned
from tests.web.fake_api import FakeApi
from tests.web.looks import click_word, heard, time

pytestmark = needs_program("chromium")


@pytest.fixture
def garden(page: Page, api: FakeApi) -> FakeApi:
    """The garden meeting, open in the page."""
    said = canned.garden("garden")
    api.add(canned.meeting("garden", "Garden committee"), said, canned.summary(said["utterances"]))
    page.goto("/meetings/garden")
    expect(page.locator(".line")).to_have_count(13)
    page.wait_for_function("() => document.querySelector('audio').readyState > 0")
    return api


def test_words_speakers_gaps_and_overlaps_are_shown(page: Page, garden: FakeApi) -> None:
    assert page.title() == "Garden committee – Parley"
    expect(page.locator(".line").first).to_contain_text("Anna Lind")
    expect(page.locator(".line").nth(1)).to_contain_text("Speaker 2")
    expect(page.locator(".line").nth(6)).to_contain_text("Speaker 2 speaks at the same time")
    expect(page.locator(".line").last).to_contain_text("Unknown")
    expect(page.get_by_role("note")).to_contain_text("are missing here")
    expect(page.get_by_role("note")).to_contain_text("The engine ran out of memory on this stretch.")
    expect(page.locator(".said").first).to_have_attribute("lang", "en")
    colours = page.locator(".who").evaluate_all("all => all.map((who) => getComputedStyle(who).color)")
    assert len(set(colours)) == 4
    assert page.evaluate("() => CSS.highlights.get('unsure').size") > 0


def test_click_a_word_to_hear_it(page: Page, garden: FakeApi) -> None:
    click_word(page, 1, "beans")
    page.wait_for_function("() => !document.querySelector('audio').paused")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    words = garden.transcripts["garden"]["utterances"][1]["words"]
    beans = next(word for word in words if "beans" in word["text"])
    assert beans["start"] <= time(page) < beans["start"] + 3


def test_word_follows_the_sound(page: Page, garden: FakeApi) -> None:
    words = garden.transcripts["garden"]["utterances"][3]["words"]
    page.evaluate("(time) => { document.querySelector('audio').currentTime = time }", words[4]["start"] + 0.05)
    expect(page.locator(".line.now")).to_contain_text("I will order")
    page.wait_for_function("(word) => [...CSS.highlights.get('word')].join() === word", arg=words[4]["text"])
    page.keyboard.press(" ")
    page.wait_for_function("(word) => [...CSS.highlights.get('word')].join() === word", arg=words[5]["text"])


def test_keys_alone_do_everything(page: Page, garden: FakeApi) -> None:
    page.keyboard.press("j")
    page.keyboard.press("n")
    expect(page.locator(".line").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("ArrowRight")
    assert time(page) == pytest.approx(5.4, abs=0.1)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press(">")
    expect(page.get_by_label("Speed")).to_have_value("1.25")
    page.keyboard.press(",")
    expect(page.get_by_label("Speed")).to_have_value("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("e")
    page.keyboard.press("Control+A")
    page.keyboard.type("Good morning, all. j k ? /")
    page.keyboard.press("Enter")
    expect(page.locator(".said").first).to_have_text("Good morning, all. j k ? /")
    expect(page.locator(".line").first).to_be_focused()
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".line").first).to_contain_text("Speaker 2")


def test_correction_is_saved_and_can_be_taken_back(page: Page, garden: FakeApi) -> None:
    line = page.locator(".line").nth(2)
    line.hover()
    line.get_by_role("button", name="Correct the words").click()
    field = page.get_by_label("Words of this line")
    field.fill("Then we order two tomatoes.")
    page.get_by_role("button", name="Save").click()
    expect(line.locator(".said")).to_have_text("Then we order two tomatoes.")
    uid = garden.transcripts["garden"]["utterances"][2]["id"]
    assert garden.calls == [("PATCH", f"meetings/garden/utterances/{uid}", {"text": "Then we order two tomatoes."})]
    page.get_by_role("button", name="Undo").click()
    expect(line.locator(".said")).to_contain_text("Who can do that by Friday?")


def test_correction_that_fails_is_not_lost(page: Page, garden: FakeApi) -> None:
    garden.refusals["PATCH"] = (503, "The database does not answer.")
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.get_by_label("Words of this line").fill("Never lost.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not saved. The database does not answer.")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator(".line")).to_have_count(13)
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.get_by_label("Words of this line")).to_have_value("Never lost.")
    garden.refusals.clear()
    page.keyboard.press("Enter")
    expect(page.locator(".said").first).to_have_text("Never lost.")


def test_correction_of_what_changed_meanwhile(page: Page, garden: FakeApi) -> None:
    page.keyboard.press("j")
    page.keyboard.press("e")
    garden.transcripts["garden"]["utterances"][0]["id"] = "0-77"
    garden.transcripts["garden"]["utterances"][0]["text"] = "Somebody was faster."
    page.get_by_label("Words of this line").fill("Too late.")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Show it as it is now").click()
    expect(page.locator(".said").first).to_have_text("Somebody was faster.")


def test_speakers_are_named_and_merged(page: Page, garden: FakeApi) -> None:
    page.get_by_role("button", name="Rename Speaker 2").click()
    page.get_by_label("Name of Speaker 2").fill("Ben")
    page.keyboard.press("Enter")
    expect(page.locator(".line").nth(1)).to_contain_text("Ben")
    expect(page.locator(".line").nth(6)).to_contain_text("Ben speaks at the same time")
    expect(page.get_by_role("button", name="Rename Ben")).to_be_focused()
    page.get_by_role("button", name="More for Speaker 3").click()
    page.get_by_role("menuitem", name="Same as Ben").click()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator(".speaker")).to_have_count(2)
    expect(page.locator(".line").nth(3)).to_contain_text("Ben")


def test_every_point_leads_to_its_evidence(page: Page, garden: FakeApi) -> None:
    expect(page.get_by_text("Sentences taken from the transcript")).to_be_visible()
    cite = page.locator(".point", has_text="The wood is rotten at the gate.").get_by_role("button")
    for text in ("The wood is rotten", "About two thousand", "Let us do it", "The wood is rotten"):
        cite.click()
        expect(page.locator(".line:focus")).to_contain_text(text)
        expect(page.locator(".line:focus")).to_be_in_viewport()
    expect(page.locator(".line.marked")).to_have_count(3)
    assert time(page) == pytest.approx(garden.transcripts["garden"]["utterances"][5]["start"], abs=0.05)
    page.keyboard.press("Escape")
    expect(page.locator(".line.marked")).to_have_count(0)


def test_done_actions_are_remembered(page: Page, garden: FakeApi) -> None:
    page.get_by_role("checkbox", name="Order the tomatoes").check()
    page.reload()
    expect(page.get_by_role("checkbox", name="Order the tomatoes")).to_be_checked()


def test_find_counts_and_steps(page: Page, garden: FakeApi) -> None:
    page.keyboard.press("/")
    page.get_by_role("searchbox", name="Find").fill("TOMATOES")
    expect(page.locator(".find-count")).to_have_text("1 of 3")
    assert page.evaluate("() => CSS.highlights.get('found').size") == 3
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Next place").click()
    expect(page.locator(".find-count")).to_have_text("3 of 3")
    page.get_by_role("button", name="Previous place").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Find in the transcript").click()
    page.keyboard.type("xyz")
    expect(page.locator(".find-count")).to_have_text("Nowhere")


def test_downloads_in_every_format(page: Page, garden: FakeApi) -> None:
    page.get_by_role("button", name="Download").click()
    links = page.locator("[role=menuitem][href*=format]").evaluate_all(
        "all => all.map((a) => [a.getAttribute('href'), a.download])"
    )
    assert sorted(name for _, name in links) == [
        f"Garden committee.{s}" for s in ("docx", "json", "md", "rttm", "srt", "txt", "vtt")
    ]
    assert ["/api/meetings/garden/transcript?format=srt", "Garden committee.srt"] in links


def test_share_link_is_made_and_ended(page: Page, garden: FakeApi) -> None:
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_label("Share link")).to_have_value(f"{page.url.partition('/meetings')[0]}/s/s0.secret")
    page.get_by_role("button", name="End the link").click()
    expect(page.get_by_text("The link no longer works.")).to_be_visible()
    assert garden.shares["garden"] == []


def test_summary_is_copied_as_markdown(page: Page, garden: FakeApi) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the summary as Markdown").click()
    expect(page.get_by_text("Summary copied as Markdown.")).to_be_visible()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert "- [ ] **Speaker 3**: Order the tomatoes (on Thursday, 2026-11-05) [0:13, 0:09]" in copied
    assert "*Sentences taken from the transcript.*" in copied


def test_renamed_and_thrown_away(page: Page, garden: FakeApi) -> None:
    page.get_by_role("heading", name="Garden committee").hover()
    page.get_by_role("button", name="Rename this meeting").click()
    page.get_by_role("textbox", name="Title").fill("Spring plan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Spring plan")).to_be_visible()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Move to trash").click()
    expect(page.get_by_role("button", name="Drop a recording")).to_be_visible()


def test_silence_marks_no_word(page: Page, garden: FakeApi) -> None:
    assert heard(page) == ""
