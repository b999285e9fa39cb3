"""The path of a request -> the shape in which its clients read errors: OpenAI's, Ollama's, or ours (RFC 9457)."""

from http import HTTPStatus

import msgspec

OPENAI = ("/v1/", "/v2/", "/rerank", "/score")
"""Below these, errors have OpenAI's shape."""
OLLAMA = frozenset(
    f"/api/{name}" for name in "chat generate tags models show ps version embed embeddings images/generations".split()
)
"""At these, they have Ollama's."""
PROBLEM, JSON = "application/problem+json", "application/json"


class ProblemBody(msgspec.Struct, frozen=True, rename={"type_": "type"}):
    """What went wrong."""

    type_: str
    """Always about:blank: the status says which kind of problem it is."""
    title: str
    """The status in words."""
    status: int
    """HTTP status."""
    detail: str
    """A sentence that says what happened and what to do."""


def error_body(path: str, status: int, detail: str, code: str | None = None) -> tuple[bytes, str]:
    """Return the body of an error and its media type. `code` is for programs that speak OpenAI's dialect."""
    if path in OLLAMA:
        return msgspec.json.encode({"error": detail}), JSON
    if path.startswith(OPENAI):
        return openai_body(status, detail, code or code_of(status)), JSON
    return msgspec.json.encode(ProblemBody("about:blank", HTTPStatus(status).phrase, status, detail)), PROBLEM


def openai_body(status: int, message: str, code: str | None, param: str | None = None) -> bytes:
    """Return an error as OpenAI's clients read it."""
    kind = "rate_limit_error" if status == 429 else "server_error" if status >= 500 else "invalid_request_error"
    return msgspec.json.encode({"error": {"message": message, "type": kind, "param": param, "code": code}})


def code_of(status: int) -> str:
    """Return what programs call a status."""
    return HTTPStatus(status).phrase.lower().replace(" ", "_") if status in set(HTTPStatus) else "error"
