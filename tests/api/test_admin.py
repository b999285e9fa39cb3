"""What those who look after the server can see and do."""

import asyncio
import logging
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api.app import app_of, parts_of
from api.settings import load
from storage.rows import NodeRow
from tests.api.served import Served, served
from tests.api.test_uploads import problem
from tests.hub import hub
from tests.nvidia_smi import H200, plant
from tests.pipeline.toy_server import sound_file

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("admin")) as started:
        yield started


async def engine(own: Served, key: str) -> dict[str, Any]:
    status = (await own.client.get("/api/admin/status")).json()
    found: dict[str, Any] = next(each for each in status["engines"] if each["key"] == key)
    return found


async def until(own: Served, key: str, *states: str) -> dict[str, Any]:
    while (found := await engine(own, key))["runtime"]["state"] not in states:
        assert found["runtime"]["state"] != "failed", found["runtime"]["last_error"]
        await asyncio.sleep(0.02)
    return found


async def test_the_status_has_what_the_older_platform_showed(
    own: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, monkeypatch, [H200])
    status = (await own.client.get("/api/admin/status")).json()
    (gpu,) = status["gpus"]
    assert (gpu["name"], gpu["load"], gpu["temperature"]) == ("NVIDIA H200", 0.37, 41)
    assert status["cpu"]["cores"] >= 1 and status["memory"]["server"] > 0
    assert status["dependencies"]["store"]["state"] == status["dependencies"]["database"]["state"] == "ok"
    assert {"torch", "torchaudio", "litestar", "NVIDIA driver"} <= status["dependencies"].keys()
    assert "cuda_runtime" in status["dependencies"]["torch"]
    asr = [each for each in status["engines"] if each["role"] == "asr"]
    assert [each["key"] for each in asr if each["chosen"]] == ["moonshine"]
    assert asr[0]["runtime"]["details"]["sample_rate"] == 16_000
    assert "last_error" in asr[0]["runtime"]
    chat = [each for each in status["engines"] if each["role"] == "chat"]
    assert chat and not any(each["chosen"] for each in chat)


async def test_other_servers_on_the_database_are_named(own: Served) -> None:
    worker = NodeRow(name="worker-1", process="p", roles=("engines", "jobs"), queues=(), version="1")
    await own.parts.records.see_node(worker, first=True)
    try:
        status = (await own.client.get("/api/admin/status")).json()
    finally:
        await own.parts.records.forget_node("worker-1", "p")
    assert status["node"] == own.parts.nodes.me.name
    (other,) = status["others"]
    assert (other["name"], other["roles"], other["state"]) == ("worker-1", ["engines", "jobs"], "working")
    assert 0 <= other["seen_seconds"] < 60


async def test_a_server_with_engines_alone_moves_its_own(tmp_path: Path) -> None:
    settings = load(None, {"PARLEY_DATA": str(tmp_path), "PARLEY_ROLES": "engines,jobs"})
    app = app_of(parts_of(settings))
    found = {route.path for route in app.routes}
    assert {"/api/admin/status", "/api/admin/models/{key:str}/load"} <= found
    assert "/api/meetings" not in found


async def test_an_engine_is_loaded_pinned_and_unloaded(own: Served) -> None:
    answer = await own.client.post("/api/admin/models/silero/load", json={"pin": True})
    assert answer.status_code == 202
    assert (await until(own, "silero", "ready"))["pinned"] is True
    assert (await own.client.post("/api/admin/models/silero/unload")).status_code == 202
    assert (await until(own, "silero", "on_disk"))["pinned"] is False


async def test_a_model_is_downloaded_with_progress_stopped_and_finished(
    own: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path / "models"))
    with hub({"canary-1b-v2.nemo": b"w" * 300_000}) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        running.held.clear()
        answer = await own.client.post("/api/admin/models/canary/download")
        assert answer.json()["runtime"]["state"] == "downloading"
        await own.client.post("/api/admin/models/canary/unload")
        running.held.set()
        assert (await until(own, "canary", "absent"))["runtime"]["last_error"] is None
        await own.client.post("/api/admin/models/canary/download", json={"force": True})
        assert (await until(own, "canary", "on_disk"))["runtime"]["progress"] is None
        refused = await own.client.post("/api/admin/models/canary/load", json={"gpu_device_ids": []})
        assert "pip install '.[asr-nemo]'" in problem(refused, 409)
        assert (await engine(own, "canary"))["install"] == ".venv/bin/python -m pip install '.[asr-nemo]'"


async def test_a_gated_model_says_what_to_do_and_takes_the_token(
    own: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path / "models"))
    with hub({"config.yaml": b"pipeline: {params: {clustering: AgglomerativeClustering}}"}) as running:
        running.gated = True
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        await own.client.post("/api/admin/models/pyannote/download")
        assert "is gated: accept" in (await until(own, "pyannote", "failed"))["runtime"]["last_error"]
        assert (await own.client.get("/api/admin/huggingface/token")).json() == {"set": False, "source": None}
        kept = await own.client.post("/api/admin/huggingface/token", json={"token": "hf_right"})
        assert kept.json() == {"set": True, "source": "file"}
        assert "hf_right" not in (await own.client.get("/api/admin/huggingface/token")).text
        assert stat.S_IMODE((own.parts.settings.data / "huggingface-token").stat().st_mode) == 0o600
        await own.client.post("/api/admin/models/pyannote/download")
        await until(own, "pyannote", "on_disk")
        monkeypatch.setenv("HUGGINGFACE_TOKEN", "hf_theirs")
        assert "environment" in problem(await own.client.delete("/api/admin/huggingface/token"), 409)
        monkeypatch.delenv("HUGGINGFACE_TOKEN")
        assert (await own.client.delete("/api/admin/huggingface/token")).json()["set"] is False


async def test_wrong_requests_are_answered_in_words(own: Served) -> None:
    assert "There are silero" in problem(await own.client.post("/api/admin/models/qwan/load"), 404)
    for body in ({"gpu_device_ids": [-1]}, {"gpus": [0]}, {"pin": "maybe"}):
        problem(await own.client.post("/api/admin/models/silero/load", json=body), 400)
    problem(await own.client.post("/api/admin/huggingface/token", json={"token": "a b"}), 400)
    problem(await own.client.post("/api/admin/jobs/0000/cancel"), 404)


async def test_a_job_is_seen_and_cancelled(own: Served) -> None:
    for _ in range(3):
        answer = await own.client.post("/api/meetings", content=sound_file(600), headers={"Content-Type": "audio/wav"})
        id = answer.json()["id"]
    listed = (await own.client.get("/api/admin/jobs")).json()["items"]
    assert id in [job["meeting"] for job in listed]
    assert {job["state"] for job in listed} <= {"running", "waiting"}
    cancelled = await own.client.post(f"/api/admin/jobs/{id}/cancel")
    assert cancelled.json() == {"meeting": id, "state": "failed"}
    meeting = (await own.client.get(f"/api/meetings/{id}")).json()
    assert "An administrator cancelled" in meeting["error"]
    assert id not in [job["meeting"] for job in (await own.client.get("/api/admin/jobs")).json()["items"]]
    assert "Nothing is under way" in problem(await own.client.post(f"/api/admin/jobs/{id}/cancel"), 409)


async def test_the_log_is_read_from_where_one_was(own: Served) -> None:
    logging.getLogger("parley.api").warning("The disk is %s.", "slow")
    try:
        raise KeyError("x")
    except KeyError:
        logging.getLogger("other").exception("It broke.")
    lines = (await own.client.get("/api/admin/log")).json()["lines"]
    said = [(line["level"], line["text"]) for line in lines]
    first = said.index(("WARNING", "The disk is slow."))
    assert said[first + 1] == ("ERROR", "It broke. | KeyError: 'x'")
    known = lines[first]["number"]
    more = (await own.client.get("/api/admin/log", params={"after": known})).json()["lines"]
    assert more[0]["number"] == known + 1
