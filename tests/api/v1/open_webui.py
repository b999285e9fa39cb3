"""What Open WebUI 0.6 sends to the servers that it is given, one request after the other.

Source: backend/open_webui of github.com/open-webui/open-webui: routers/openai.py and routers/ollama.py (lists of
models, checks of a connection, chats), routers/tasks.py with utils/middleware.py (titles, tags, follow-ups, queries,
as chats without a stream), retrieval/utils.py (embeddings, reranking), routers/audio.py (speech and text).
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec

USER = {
    "X-OpenWebUI-User-Name": "Anna%20Lind",
    "X-OpenWebUI-User-Id": "0b2a6b6e-5c2f-4f0e-9f43-0d1c3f0a9b11",
    "X-OpenWebUI-User-Email": "anna@example.org",
    "X-OpenWebUI-User-Role": "admin",
}
"""Headers that it adds where it is told to forward who asks."""
CHAT_ID = {"X-OpenWebUI-Chat-Id": "5a1b2c3d-0000-4000-8000-1234567890ab"}
ASKED = "What did we decide about the fence?"


class Sent(NamedTuple):
    """One request."""

    what: str
    """What it is for."""
    method: Literal["GET", "POST"]
    path: str
    body: Any = None
    """JSON; None for none, or for a form."""
    form: dict[str, str] | None = None
    """Fields beside the recording."""
    status: int = 200
    """What it copes with; it shows the error of any other."""


def _task(prompt: str, most: int = 1000) -> dict[str, Any]:
    """Return a small job that it gives to the model beside the chat: its answer must come in one piece."""
    messages = [{"role": "user", "content": prompt}]
    return {"model": "tiny", "messages": messages, "stream": False, "max_completion_tokens": most}


CHAT = {
    "stream": True,
    "model": "tiny",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": ASKED}],
    "temperature": 0.7,
    "seed": 42,
    "stream_options": {"include_usage": True},
}
PICTURE = "data:image/png;base64,iVBORw0KGgo="
SEEN = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": PICTURE}}]
TOOL = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}}
OPENAI: Sequence[Sent] = (
    Sent("checks the connection", "GET", "/v1/models"),
    Sent("lists models", "GET", "/v1/models"),
    Sent("chats", "POST", "/v1/chat/completions", CHAT),
    Sent("finds a title", "POST", "/v1/chat/completions", _task('### Task: Write a title. Answer {"title": "..."}')),
    Sent("finds tags", "POST", "/v1/chat/completions", _task("### Task: Write 1-3 tags.")),
    Sent("finds follow-ups", "POST", "/v1/chat/completions", _task("### Task: Suggest 3-5 questions.")),
    Sent("finds queries", "POST", "/v1/chat/completions", _task("### Task: Write search queries.")),
    Sent("completes what is typed", "POST", "/v1/chat/completions", _task("### Task: Go on with it.", 200)),
    Sent("shows a picture", "POST", "/v1/chat/completions", CHAT | {"messages": [{"role": "user", "content": SEEN}]}),
    Sent("offers tools", "POST", "/v1/chat/completions", CHAT | {"tools": [TOOL], "tool_choice": "auto"}),
    Sent("embeds documents", "POST", "/v1/embeddings", {"input": ["search_document: one", "two"], "model": "minilm"}),
    Sent(
        "ranks documents",
        "POST",
        "/v1/rerank",
        {"model": "minilm-rerank", "query": "a", "documents": ["b", "a"], "top_n": 2},
    ),
    Sent("writes down speech", "POST", "/v1/audio/transcriptions", form={"model": "whisper-1", "language": "en"}),
    Sent("writes down speech", "POST", "/v1/audio/transcriptions", form={"model": "whisper-1"}),
    Sent("reads aloud", "POST", "/v1/audio/speech", {"model": "tts-1", "input": "Hello", "voice": "alloy"}, status=404),
)
"""To a server of OpenAI's dialect."""
OPTIONS = {"temperature": 0.7, "num_ctx": 8192, "top_k": 40, "seed": 42, "stop": ["###"]}
MESSAGES = [{"role": "user", "content": ASKED}]
OLLAMA: Sequence[Sent] = (
    Sent("checks the connection", "GET", "/api/version"),
    Sent("lists models", "GET", "/api/tags"),
    Sent("lists running models", "GET", "/api/ps"),
    Sent("looks at a model", "POST", "/api/show", {"model": "tiny"}),
    Sent(
        "chats",
        "POST",
        "/api/chat",
        {"model": "tiny", "messages": MESSAGES, "options": OPTIONS, "stream": True, "keep_alive": "5m"},
    ),
    Sent("finds a title", "POST", "/api/chat", {"model": "tiny", "messages": MESSAGES, "options": {}, "stream": False}),
    Sent(
        "shows a picture",
        "POST",
        "/api/chat",
        {"model": "tiny", "messages": [MESSAGES[0] | {"images": ["iVBORw0KGgo="]}]},
    ),
    Sent("goes on with a text", "POST", "/api/generate", {"model": "tiny", "prompt": ASKED, "stream": True}),
    Sent("embeds documents", "POST", "/api/embed", {"input": ["one", "two"], "model": "minilm", "truncate": True}),
    Sent("embeds a document", "POST", "/api/embeddings", {"prompt": "one", "model": "minilm"}),
    Sent("lets go of a model", "POST", "/api/generate", {"model": "tiny", "keep_alive": 0, "prompt": ""}),
    Sent("chats in the other dialect", "POST", "/v1/chat/completions", CHAT),
)
"""To an Ollama server."""


def chunks_of(body: bytes) -> list[Any]:
    """Read a stream as it does: line by line, `data: ` before JSON, and `[DONE]` at the end."""
    lines = [line.strip() for line in body.split(b"\n") if line.strip()]
    assert lines[-1] == b"data: [DONE]"
    return [msgspec.json.decode(line.removeprefix(b"data: ")) for line in lines[:-1]]
