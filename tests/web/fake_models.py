"""What the fake server answers under /v1, /health/ready and /api/keys: models, words that come in parts, usage."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.web.canned import Json

NO_CHAT = "No language model is configured. Start a local Ollama server and name it in parley.toml."
SPEECH = "moonshine-tiny-en"
VECTORS = "all-MiniLM-L6-v2"


def model(id: str, kind: str, *providers: str, **more: Any) -> Json:
    """Return a model as /v1/models lists it."""
    said = {"id": id, "object": "model", "created": 0, "owned_by": "parley", "type": kind, "aliases": []}
    return said | {"providers": list(providers)} | more


def provider(name: str, **more: Any) -> Json:
    """Return how a provider is."""
    well = {"ready": True, "circuit": "closed", "models": ["qwen3"], "busy": 0, "waiting": 0, "error": None}
    return {"name": name, "type": "vllm"} | well | more


class FakeModels:
    """Models, and what they say; a test may hold them in the middle of it."""

    def __init__(self) -> None:
        self.models = [
            model(SPEECH, "automatic-speech-recognition", "embedded speech", description="MIT. Languages: en."),
            model(VECTORS, "text-embeddings-inference", "embedded", aliases=["minilm"]),
            model("minilm", "text-embeddings-inference", "embedded", aliases=["minilm"], root=VECTORS),
        ]
        self.providers: list[Json] = []
        self.words = ["Hello", " there", ",", " Anna", "."]
        """What a chat answers, and what is heard in a recording."""
        self.flows = threading.Event()
        """Unset, a stream stops after its first part, until it is set."""
        self.flows.set()
        self.breaks = False
        """Whether a stream ends with an error in its middle."""
        self.keys: list[Json] = []
        self.usage: list[Json] = []
        self.asked: list[tuple[str, Any]] = []
        """Path and body of each POST; of a form, the raw bytes."""

    def add_chat(self) -> None:
        """Serve a language model by two providers, one of which is left alone."""
        self.models.append(model("qwen3", "text-generation", "gpu-1", "gpu-2", owned_by="vllm", aliases=["gpt-4o"]))
        lost = "The provider gpu-2 could not be reached."
        self.providers = [provider("gpu-1", busy=2), provider("gpu-2", ready=False, circuit="open", error=lost)]

    def health(self) -> Json:
        """Return how engines and providers are."""
        engines = [
            {"role": role, "engine": name, "state": state, "ready": True, "error": None}
            for role, name, state in (("asr", "moonshine", "ready"), ("embed", "minilm", "on_disk"))
        ]
        return {"ready": True, "parts": [], "engines": engines, "providers": self.providers}

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        """Answer what comes in one piece; an iterator is sent as events."""
        if path == "/health/ready":
            return 200, self.health()
        if path == "/v1/models":
            return 200, {"object": "list", "data": self.models}
        if path == "/v1/usage":
            found = [row for row in self.usage if query["since"] <= row["day"] <= query["until"]]
            return 200, {"object": "list", "data": found}
        if path == "/v1/audio/transcriptions":
            self.asked.append((path, body))
            return 200, self._heard(diarized=b"diarized_json" in body)
        asked = json.loads(body)
        self.asked.append((path, asked))
        if path == "/v1/embeddings":
            vectors = [[1.0, float(number), 0.0] for number, _ in enumerate(asked["input"])]
            data = [{"embedding": vector, "index": number} for number, vector in enumerate(vectors)]
            return 200, {"data": data, "usage": {"prompt_tokens": 12, "total_tokens": 12}}
        if not any(each["type"] == "text-generation" for each in self.models):
            return 503, error_of(NO_CHAT)
        return 200, self._said()

    def key_answer(self, method: str, id: str, body: Any) -> tuple[int, Any]:
        """Answer /api/keys."""
        if method == "POST":
            made = key(f"k{len(self.keys) + 1}", body["name"], body["role"], limits=body["limits"])
            self.keys.append(made | {"owner": body["owner"] or body["name"]})
            return 201, made | {"key": f"parley_{made['id']}_secret"}
        if method == "DELETE":
            for each in self.keys:
                if each["id"] == id:
                    each["revoked_at"] = "2026-11-04T10:00:00Z"
            return 204, None
        return 200, {"items": self.keys}

    def _said(self) -> Iterator[Json]:
        for number, word in enumerate(self.words):
            yield {"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]}
            if number == 0:
                self.flows.wait(20)
                if self.breaks:
                    yield error_of("The provider gpu-1 broke off in the middle of its answer.")
                    return
        yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        yield {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": len(self.words)}}

    def _heard(self, *, diarized: bool) -> Iterator[Json]:
        for word in self.words:
            yield {"type": "transcript.text.delta", "delta": word}
        if diarized:
            for number, speaker in enumerate("AB"):
                said = {"id": f"seg_{number}", "start": number * 2.0, "end": number * 2.0 + 1, "speaker": speaker}
                yield {"type": "transcript.text.segment", "text": "".join(self.words), **said}
        yield {"type": "transcript.text.done", "text": "".join(self.words), "duration": 4.0}


def error_of(message: str) -> Json:
    """Return an error in OpenAI's shape."""
    return {"error": {"message": message, "type": "server_error", "param": None, "code": None}}


def key(id: str, name: str, role: str = "user", **more: Any) -> Json:
    """Return a key as /api/keys lists it."""
    times: Json = {"created_at": "2026-11-01T09:00:00Z", "last_used_at": None, "revoked_at": None, "limits": {}}
    return {"id": id, "name": name, "role": role, "owner": name} | times | more


def used(days_ago: int, key: str, model: str, requests: int, **more: Any) -> Json:
    """Return a row of usage."""
    day = (datetime.now(UTC).date() - timedelta(days=days_ago)).isoformat()
    tokens = {"failures": 0, "prompt_tokens": requests * 400, "completion_tokens": requests * 90, "cost": 0.0}
    return {"day": day, "key": key, "owner": key, "model": model, "requests": requests} | tokens | more
