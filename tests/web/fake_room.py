"""What the fake server tells the control room: engines, cards, jobs, packages and a log that a test sets."""

import json
from collections.abc import Sequence
from typing import Any

from tests.web.canned import Json, stages

STARTED = "2026-11-03T08:00:00Z"


def engine(key: str, role: str, state: str | None, **more: Any) -> Json:
    runtime: Json = {
        "state": state,
        "device": "cpu",
        "gpu_device_ids": [],
        "busy": 0,
        "progress": None,
        "last_error": None,
        "details": {"sample_rate": 16_000},
    }
    given = more.pop("runtime", {})
    return {
        "key": key,
        "role": role,
        "chosen": True,
        "model": f"someone/{key}",
        "licence": "MIT",
        "attribution": "Someone",
        "languages": ["en"],
        "memory": 150_000_000,
        "pinned": False,
        "idle_unload_seconds": None,
        "install": None,
        "runtime": runtime | given,
    } | more


def gpu(number: int = 0, **more: Any) -> Json:
    return {
        "id": number,
        "name": "NVIDIA H200",
        "driver": "580.95.05",
        "memory_total": 150_754_820_096,
        "memory_used": 140_000_000_000,
        "load": 0.37,
        "temperature": 41,
        "power": 312.4,
    } | more


def dependency(state: str = "ok", **more: Any) -> Json:
    return {
        "version": "1.0",
        "expected": "1.0",
        "state": state,
        "needed_for": "server",
        "says": "",
        "command": "",
        "cuda_runtime": None,
    } | more


def job(id: str, state: str) -> Json:
    made = stages("waiting")
    if state == "running":
        made[1] |= {"state": "running", "progress": 0.5}
    return {
        "meeting": id,
        "owner": "anna",
        "state": state,
        "here": state == "running",
        "created_at": "2026-11-03T09:30:00Z",
        "duration": 3600.0,
        "size": 1_000_000,
        "stages": made,
    }


class FakeRoom:
    """Everything that lies under /api/admin."""

    def __init__(self) -> None:
        self.engines = [engine("silero", "vad", "ready"), engine("moonshine", "asr", "on_disk")]
        self.gpus: list[Json] = []
        self.gpu_error: str | None = None
        self.dependencies = {"litestar": dependency(), "vllm": dependency("unused", version=None)}
        self.name = "local"
        self.others: list[Json] = []
        self.elsewhere: dict[str, FakeRoom] = {}
        """Rooms of other servers, by name."""
        self.jobs: list[Json] = []
        self.lines: list[Json] = []
        self.source: str | None = None
        self.started_at = STARTED
        self.looks = 0
        """How often the status was asked for."""

    def log(self, level: str, text: str) -> None:
        """Add a line."""
        number = len(self.lines) + 1
        self.lines.append({"number": number, "at": STARTED, "level": level, "source": "parley.engines", "text": text})

    def answer(self, method: str, path: Sequence[str], query: Any, body: bytes) -> Json:
        """Answer a request under /api/admin."""
        if path[0] != "jobs" and query.get("node") in self.elsewhere:
            return self.elsewhere[query["node"]].answer(method, path, {**query, "node": None}, body)
        if path[0] == "jobs":
            if method == "POST":
                self.jobs = [each for each in self.jobs if each["meeting"] != path[1]]
                return {"meeting": path[1], "state": "failed"}
            return {"items": self.jobs}
        if path[0] == "log":
            return {"lines": [line for line in self.lines if line["number"] > int(query.get("after", 0))]}
        if path[0] == "huggingface":
            self.source = {"POST": "file", "DELETE": None}.get(method, self.source)
            return self.token()
        if path[0] == "models":
            return self._move(path[1], path[2], json.loads(body or b"{}"))
        self.looks += 1
        return self.status()

    def token(self) -> Json:
        return {"set": self.source is not None, "source": self.source}

    def status(self) -> Json:
        return {
            "version": "0.1.0",
            "node": self.name,
            "others": self.others,
            "started_at": self.started_at,
            "cpu": {"cores": 8, "load": 0.42},
            "memory": {"total": 64_000_000_000, "available": 48_000_000_000, "server": 700_000_000},
            "gpus": self.gpus,
            "gpu_error": self.gpu_error,
            "engines": self.engines,
            "dependencies": self.dependencies,
            "token": self.token(),
        }

    def set(self, key: str, state: str, **runtime: Any) -> Json:
        """Change how an engine is."""
        found = next(each for each in self.engines if each["key"] == key)
        found["runtime"] |= {"state": state, "progress": None, "last_error": None} | runtime
        return found

    def _move(self, key: str, does: str, body: Json) -> Json:
        if does == "download":
            return self.set(key, "downloading", progress={"done": 0, "total": None})
        if does == "unload":
            return self.set(key, "on_disk")
        found = self.set(key, "ready", gpu_device_ids=body.get("gpu_device_ids") or [])
        found["pinned"] = body.get("pin", found["pinned"])
        return found
