"""`parley serve` as users run it: real engines, a real port, and a tidy end."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest

ROOT = Path(__file__).parent.parent.parent
FEW_FILES = 256


class Running(msgspec.Struct):
    """A server in a process of its own."""

    process: "subprocess.Popen[str]"
    folder: Path
    said: list[str]
    """First lines of its output."""
    client: httpx.Client

    @property
    def port(self) -> str:
        return self.said[0].rpartition(":")[2]


def parley(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "api.cli", *map(str, arguments)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("serve")
    command = [
        "sh",
        "-c",
        f'ulimit -S -n {FEW_FILES} && exec "$@"',
        "sh",
        *parley("serve", "--port", "0", "--data", folder),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(4)]
        found = re.search(r"http://\S+", said[0])
        assert found is not None, said
        with httpx.Client(base_url=found[0], timeout=60) as client:
            yield Running(process, folder, said, client)
        process.kill()


def test_it_says_where_it_listens_what_serves_and_where_data_lies(running: Running) -> None:
    assert re.fullmatch(r"Parley listens on http://127\.0\.0\.1:\d+", running.said[0])
    assert running.said[1].startswith("Engines: silero (vad), moonshine (asr)")
    assert str(running.folder) in running.said[2]


def test_it_may_open_as_many_files_as_the_system_allows(running: Running) -> None:
    limits = Path(f"/proc/{running.process.pid}/limits").read_text()
    soft, hard = re.findall(r"^Max open files +(\d+) +(\d+)", limits, re.MULTILINE)[0]
    assert int(soft) == int(hard) > FEW_FILES


def test_a_recording_becomes_a_transcript_and_a_summary(running: Running) -> None:
    id = running.client.post("/api/meetings/sample").json()["id"]
    with running.client.stream("GET", f"/api/meetings/{id}/events") as events:
        assert '"type":"end"' in [line for line in events.iter_lines() if line][-1]
    meeting = running.client.get(f"/api/meetings/{id}").json()
    assert (meeting["state"], len(meeting["speakers"])) == ("done", 2)
    assert "less heartily" in running.client.get(f"/api/meetings/{id}/transcript?format=txt").text.lower()
    assert running.client.get(f"/api/meetings/{id}/summary").json()["extractive"] is True


def test_the_older_routes_answer_and_keep_nothing(running: Running, endgame: Path) -> None:
    before = running.client.get("/api/meetings").json()
    with endgame.open("rb") as file:
        spoken = running.client.post("/api/audio/transcribe", files={"file": ("a.wav", file)}, data={"language": "en"})
    assert spoken.status_code == 200, spoken.text
    told = spoken.json()
    assert "less heartily" in told["text"].lower()
    assert (told["sampling_rate"], told["language"]) == (16_000, "en")
    assert told["runtime"]["engine"] == "moonshine"
    with endgame.open("rb") as file:
        parts: list[Any] = [("file", ("a.wav", file)), ("speakers", (None, "2"))]
        diarized = running.client.post("/api/diarization/process?embeddings=true", files=parts)
    assert diarized.status_code == 200, diarized.text
    found = diarized.json()
    assert {turn["speaker"] for turn in found["segments"]} == {"S1", "S2"}
    assert all(0 <= turn["start"] < turn["end"] <= 28.5 for turn in found["segments"])
    assert found["runtime"]["details"]["sample_rate"] == 16_000
    prints = {voice["speaker"]: np.array(voice["embedding"]) for voice in found["speakers"]}
    assert prints["S1"].shape == (256,)
    assert abs(np.linalg.norm(prints["S1"]) - 1) < 1e-3
    assert prints["S1"] @ prints["S2"] < 0.6
    assert running.client.get("/api/meetings").json() == before
    assert list((running.folder / "scratch" / "server").iterdir()) == []


def test_the_older_routes_refuse_in_words(running: Running) -> None:
    post = running.client.post
    assert post("/api/audio/transcribe", content=b"x").status_code == 415
    assert post("/api/audio/transcribe", files={"sound": b"x"}).status_code == 400
    broken = post("/api/diarization/process", files={"file": ("x.wav", b"no sound at all")})
    assert broken.status_code == 422
    assert "x.wav" in broken.json()["detail"]
    assert post("/api/audio/transcribe", files={"file": b"x"}, data={"language": "tlh"}).status_code == 422


def test_a_place_that_is_taken_is_told(running: Running, tmp_path: Path) -> None:
    for arguments, code, told in (
        (("--port", running.port, "--data", tmp_path), 2, "another program listens there"),
        (("--port", "0", "--data", running.folder), 1, "Another server works"),
        (("--port", "0", "--data", tmp_path, "--host", "0.0.0.0"), 2, "parley keys add"),  # noqa: S104 - refused
        (("--port", "99999", "--data", tmp_path), 2, "Cannot listen"),
    ):
        ran = subprocess.run(parley("serve", *arguments), cwd=ROOT, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout) == (code, ""), ran.stderr
        assert ran.stderr.count("\n") == 1, ran.stderr
        assert told in ran.stderr


def test_it_ends_tidily_while_somebody_listens(running: Running) -> None:
    id = running.client.post("/api/meetings/sample").json()["id"]
    with running.client.stream("GET", f"/api/meetings/{id}/events") as events:
        lines = events.iter_lines()
        next(lines)
        running.process.send_signal(signal.SIGTERM)
        list(lines)
    assert running.process.wait(timeout=30) == 0
