"""The control room: what it shows of a server in every state, and what can be done there."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.programs import needs_program
from tests.web.canned import EVIL
from tests.web.conftest import NewPage
from tests.web.fake_api import FakeApi
from tests.web.fake_room import FakeRoom, dependency, engine, gpu, job
from tests.web.looks import CONTRASTS, NAMELESS, TOO_WIDE

pytestmark = needs_program("chromium")

GATED = "The model pyannote is gated: accept its conditions at the hub, then give a Hugging Face token of that account."

AT_END = """() => {
  const { scrollTop, scrollHeight, clientHeight } = document.querySelector('.log-lines');
  return scrollTop > 0 && scrollTop + clientHeight >= scrollHeight - 20;
}"""


@pytest.fixture
def busy(api: FakeApi) -> FakeApi:
    """Everything at once: engines in every state, a card, jobs, wrong packages, a log."""
    room = api.room
    room.gpus = [gpu(), gpu(1, load=None, temperature=None, power=None, memory_used=0)]
    room.engines = [
        engine("silero", "vad", "ready"),
        engine("canary", "asr", "downloading", runtime={"progress": {"done": 800_000_000, "total": 3_200_000_000}}),
        engine("moonshine", "asr", "on_disk", chosen=False),
        engine("pyannote", "diarizer", "failed", runtime={"last_error": GATED}),
        engine("community", "diarizer", "loading", chosen=False),
        engine("vllm", "chat", "ready", pinned=True, runtime={"device": "cuda:0", "gpu_device_ids": [0], "busy": 3}),
        engine("llama_cpp", "chat", "absent", chosen=False, install=".venv/bin/python -m pip install '.[llm-cpu]'"),
        engine("evil", "embed", None, model=None, licence=None, runtime={"last_error": EVIL}),
    ]
    room.dependencies = {
        "NVIDIA driver": dependency(
            "wrong", version="470.57", says="The driver is too old.", command="sudo apt-get install nvidia-driver"
        ),
        "torch": dependency("ok", version="2.13.0", cuda_runtime="13.0"),
        "vllm": dependency("unused", version=None),
    }
    room.jobs = [job("01kx8w2v9qj3f5t7m0c4n6r8ya", "running"), job("01kx8w2v9qj3f5t7m0c4n6r8yb", "waiting")]
    room.log("INFO", "canary is downloading")
    room.log("ERROR", f"pyannote: {EVIL}")
    return api


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_every_state_can_be_read_and_named(new_page: NewPage, busy: FakeApi, scheme: str, width: int) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": width, "height": 760}, reduced_motion="reduce")
    page.goto("/room")
    page.locator(".log-lines li").first.wait_for()
    page.locator("details summary").click()
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(TOO_WIDE) <= 0
    assert page.evaluate("() => document.body.dataset.hacked") is None
    expect(page.locator("[data-state=failed] .row-error")).to_have_text(GATED)
    expect(page.locator("[data-state=downloading]")).to_contain_text("800 MB of 3.2 GB · 25 %")
    expect(page.locator(".mend")).to_contain_text("sudo apt-get install nvidia-driver")


def test_it_looks_often_while_something_moves_and_seldom_at_rest(page: Page, api: FakeApi) -> None:
    api.room.set("moonshine", "downloading", progress={"done": 1_000, "total": 10_000})
    page.goto("/room")
    row = page.locator(".engine", has_text="moonshine")
    expect(row).to_contain_text("10 %")
    api.room.set("moonshine", "downloading", progress={"done": 9_000, "total": 10_000})
    expect(row).to_contain_text("90 %")
    api.room.set("moonshine", "on_disk")
    expect(row).to_contain_text("On disk")
    looks = api.room.looks
    page.wait_for_timeout(2_500)
    assert api.room.looks - looks <= 1


def test_an_engine_is_downloaded_loaded_and_unloaded(page: Page, api: FakeApi) -> None:
    api.room.set("moonshine", "absent")
    page.goto("/room")
    row = page.locator(".engine", has_text="moonshine")
    row.get_by_role("button", name="Download: moonshine").click()
    expect(row.get_by_role("button", name="Stop: moonshine")).to_be_focused()
    expect(row).to_contain_text("Asking the hub")
    row.get_by_role("button", name="Stop: moonshine").click()
    row.get_by_role("button", name="Load: moonshine").click()
    expect(row.get_by_role("button", name="Unload: moonshine")).to_be_visible()
    row.get_by_role("button", name="More for moonshine").click()
    page.get_by_role("menuitem", name="Keep loaded").click()
    expect(row).to_contain_text("stays loaded")
    row.get_by_role("button", name="Unload: moonshine").click()
    expect(row.get_by_role("button", name="Load: moonshine")).to_be_visible()
    row.get_by_role("button", name="More for moonshine").click()
    page.get_by_role("menuitem", name="Download again").click()
    page.get_by_role("button", name="Download again").click()
    expect(row).to_contain_text("Downloading")
    assert [(path.rpartition("/")[2], body) for _, path, body in api.calls] == [
        ("download", {}),
        ("unload", None),
        ("load", {}),
        ("load", {"pin": True}),
        ("unload", None),
        ("download", {"force": True}),
    ]


def test_a_card_is_chosen_where_there_are_some(page: Page, api: FakeApi) -> None:
    api.room.gpus = [gpu(), gpu(1)]
    page.goto("/room")
    page.get_by_role("button", name="Load: moonshine").click()
    page.get_by_label("GPU 1").check()
    page.get_by_role("button", name="Load", exact=True).click()
    expect(page.locator(".engine", has_text="moonshine")).to_contain_text("Ready")
    assert api.calls[-1][2] == {"gpu_device_ids": [1]}


@pytest.fixture
def several(api: FakeApi) -> FakeApi:
    """Three servers: this one, one with engines, and one that only takes jobs and is silent."""
    worker = {"name": "worker-1", "roles": ["engines", "jobs"], "state": "working", "seen_seconds": 1.0}
    silent = worker | {"name": EVIL, "roles": ["jobs"], "state": "draining", "seen_seconds": 40.4}
    api.room.others = [worker, silent]
    there = api.room.elsewhere["worker-1"] = FakeRoom()
    there.name, there.others = "worker-1", [worker | {"name": "local", "roles": ["api"]}, silent]
    there.engines = [engine("canary", "asr", "on_disk", runtime={"device": "cuda:0", "gpu_device_ids": [0]})]
    there.log("INFO", "a line of the worker")
    api.room.log("INFO", "a line of our own")
    return api


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_engines_of_another_server_are_moved_from_here(
    new_page: NewPage, several: FakeApi, scheme: str, width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 760}, color_scheme=scheme)
    page.goto("/room")
    expect(page.get_by_role("heading", name="Engines of local")).to_be_visible()
    choice = page.get_by_role("combobox", name="Server")
    expect(choice).to_have_value("local")
    options = choice.locator("option").all_text_contents()
    assert options[1:] == ["local", "worker-1 (engines, jobs)"]
    assert options[0].endswith("(jobs, draining, silent)")
    expect(choice.locator("option", has_text="silent")).to_be_disabled()
    choice.select_option("worker-1")
    expect(page.get_by_role("heading", name="Engines of worker-1")).to_be_visible()
    expect(page.get_by_text("a line of the worker")).to_be_visible()
    expect(page.get_by_text("a line of our own")).to_have_count(0)
    expect(page.locator(".engine", has_text="moonshine")).to_have_count(0)
    page.get_by_role("button", name="Load: canary").click()
    expect(page.locator(".engine", has_text="canary")).to_contain_text("Ready")
    assert several.room.elsewhere["worker-1"].engines[0]["runtime"]["state"] == "ready"
    assert page.evaluate("() => document.body.dataset.hacked") is None
    assert page.evaluate(TOO_WIDE) <= 0
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate(NAMELESS) == []
    choice.select_option("local")
    expect(page.locator(".engine", has_text="moonshine")).to_be_visible()


def test_a_server_that_does_not_answer_can_be_left_again(page: Page, several: FakeApi) -> None:
    page.goto("/room")
    choice = page.get_by_role("combobox", name="Server")
    expect(choice).to_have_value("local")
    several.refusals["GET admin/status"] = (503, "The server worker-1 does not answer at http://worker-1:8000.")
    choice.select_option("worker-1")
    expect(page.get_by_text("The server worker-1 does not answer")).to_be_visible()
    expect(page.locator(".engine")).to_have_count(0)
    several.refusals.clear()
    choice.select_option("local")
    expect(page.locator(".engine", has_text="moonshine")).to_be_visible()
    expect(page.get_by_text("The server worker-1 does not answer")).to_have_count(0)


def test_a_refusal_is_said(page: Page, api: FakeApi) -> None:
    api.refusals["POST admin/models/moonshine/load"] = (409, "moonshine is unloading and cannot become loading.")
    page.goto("/room")
    page.get_by_role("button", name="Load: moonshine").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot become loading")


def test_a_machine_without_gpu_and_jobs_says_so(page: Page, api: FakeApi) -> None:
    page.goto("/room")
    expect(page.get_by_text("No NVIDIA GPU: engines run on the processor.")).to_be_visible()
    expect(page.get_by_text("Nothing is worked on, and nothing waits.")).to_be_visible()
    expect(page.locator("summary")).to_have_text("2 looked at, nothing wants mending")
    api.room.gpu_error = "nvidia-smi failed: Driver/library version mismatch"
    page.reload()
    expect(page.get_by_text("version mismatch")).to_be_visible()


def test_a_job_is_cancelled(page: Page, api: FakeApi) -> None:
    api.room.jobs = [job("01kx8w2v9qj3f5t7m0c4n6r8ya", "running"), job("01kx8w2v9qj3f5t7m0c4n6r8yb", "live")]
    page.goto("/room")
    expect(page.locator(".rows[aria-label=Jobs]")).to_contain_text("Writing down words · 8 %")
    page.get_by_role("button", name=re.compile("Cancel 01")).click()
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.get_by_role("button", name=re.compile("Cancel 01"))).to_have_count(0)
    assert api.calls == [("POST", "admin/jobs/01kx8w2v9qj3f5t7m0c4n6r8ya/cancel", None)]


def test_the_token_is_set_and_removed_and_never_shown(page: Page, api: FakeApi) -> None:
    page.goto("/room")
    page.get_by_role("button", name="Set a token").click()
    page.get_by_role("textbox", name="Token").fill("hf_secret_of_mine")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("A token is kept on the server")).to_be_visible()
    assert "hf_secret" not in page.content()
    assert api.calls[-1] == ("POST", "admin/huggingface/token", {"token": "hf_secret_of_mine"})
    page.get_by_role("button", name="Remove it").click()
    page.locator("dialog").get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("There is none.")).to_be_visible()


def test_the_log_follows_and_is_sifted(page: Page, api: FakeApi) -> None:
    api.room.jobs = [job("01kx8w2v9qj3f5t7m0c4n6r8ya", "running")]
    for number in range(60):
        api.room.log("INFO", f"line {number}")
    page.goto("/room")
    page.get_by_text("line 59").wait_for()
    page.wait_for_function(AT_END)
    api.room.log("ERROR", "the last one")
    page.get_by_text("the last one").wait_for()
    page.wait_for_function(AT_END)
    page.get_by_label("Show").select_option("Errors")
    expect(page.locator(".log-lines li:visible")).to_have_count(1)


def test_a_server_that_goes_away_is_told_and_comes_back(page: Page, api: FakeApi) -> None:
    api.room.jobs = [job("01kx8w2v9qj3f5t7m0c4n6r8ya", "running")]
    page.goto("/room")
    expect(page.locator(".engine").first).to_be_visible()
    api.refusals["GET admin/status"] = (503, "The database is away.")
    expect(page.get_by_text("The database is away. What is shown may be old.")).to_be_visible()
    expect(page.locator(".engine").first).to_be_visible()
    api.refusals.clear()
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("What is shown may be old.")).to_have_count(0)


def test_others_are_told_that_it_is_not_theirs(page: Page, api: FakeApi) -> None:
    api.refusals["GET admin/"] = (403, "The key anna has the role 'user'; this needs 'admin'. Ask an admin.")
    page.goto("/room")
    expect(page.get_by_role("heading", name="For administrators")).to_be_visible()
    api.role = "user"
    page.goto("/")
    expect(page.get_by_role("link", name="Control room")).to_have_count(0)


def test_administrators_find_the_way(page: Page, api: FakeApi) -> None:
    page.goto("/")
    page.get_by_role("link", name="Control room").click()
    expect(page.get_by_role("heading", name="Control room")).to_be_visible()
