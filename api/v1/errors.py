"""Errors of every layer -> the shape that OpenAI's clients read: `{"error": {"message", "type", "param", "code"}}`."""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from api.dialects import code_of, openai_body
from api.errors import STATUS, Problem
from api.v1.exchange import Headers, TooLargeBody, TooSlowBody
from pipeline.gateway.errors import (
    BadBody,
    GatewayError,
    LimitReached,
    NoPictures,
    NothingServes,
    ProviderDied,
    ProviderRefused,
    ProvidersAway,
    ProviderSilent,
    RequestRefused,
    UnknownModel,
    WrongModelType,
)

LOG = logging.getLogger("parley.api")


class Told(NamedTuple):
    """An error as a client is told it."""

    status: int
    """HTTP status."""
    message: str
    """A sentence that says what happened and what to do."""
    code: str
    """For programs."""
    param: str | None = None
    """Field of the request that is to blame; None for none."""
    headers: Headers = ()
    """Headers of the answer."""

    def body(self) -> bytes:
        """Return it as OpenAI's clients read it."""
        return openai_body(self.status, self.message, self.code, self.param)


KNOWN: Mapping[type[Exception], tuple[int, str]] = {
    UnknownModel: (404, "model_not_found"),
    NothingServes: (503, "model_not_available"),
    NoPictures: (404, "model_not_found"),
    WrongModelType: (400, "wrong_model_type"),
    BadBody: (400, "invalid_request"),
    LimitReached: (429, "rate_limit_exceeded"),
    ProvidersAway: (503, "providers_away"),
    ProviderSilent: (504, "provider_silent"),
    ProviderRefused: (502, "provider_refused"),
    ProviderDied: (502, "provider_died"),
    TooLargeBody: (413, "request_too_large"),
    TooSlowBody: (408, "request_too_slow"),
}
"""HTTP status and code of an error."""
AGAIN_IS_VAIN = (b"x-should-retry", b"false")
"""OpenAI's clients would ask twice more after any 503."""


def told(error: Exception) -> Told:
    """Return what a client is told of an error; what it may not know goes to the log, under a number."""
    if type(error) in KNOWN:
        status, code = KNOWN[type(error)]
        param = error.param if isinstance(error, GatewayError) else None
        return Told(status, str(error), code, param, _headers(error))
    if isinstance(error, RequestRefused):
        return Told(error.status, str(error), code_of(error.status), error.param, _headers(error))
    if isinstance(error, Problem):
        return Told(error.status, str(error), code_of(error.status))
    known = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
    if known is not None:
        return Told(400 if known == 422 else known, str(error) or f"{type(error).__name__}.", code_of(known))
    number = uuid4().hex[:12]
    LOG.error("a request failed (number %s)", number, exc_info=error)
    return Told(500, f"Something broke on the server. Its log says more under the request {number}.", "server_error")


class _Message(msgspec.Struct):
    message: str = ""


class _Foreign(msgspec.Struct):
    error: _Message | str | None = None
    message: str = ""
    detail: Any = ""


def as_openai(status: int, body: bytes) -> bytes:
    """Return what a provider said of an error in OpenAI's shape; what has it already stays as it is."""
    try:
        said = msgspec.json.decode(body, type=_Foreign)
    except (msgspec.DecodeError, RecursionError):
        said = _Foreign()
    if isinstance(said.error, _Message) and said.error.message:
        return body
    detail = said.detail if isinstance(said.detail, str) else msgspec.json.encode(said.detail).decode()
    message = (said.error if isinstance(said.error, str) else "") or said.message or detail
    return openai_body(status, message or f"The provider answered {status} without a word.", code_of(status))


def message_of(body: bytes) -> str:
    """Return the sentence of an error in OpenAI's shape."""
    said = msgspec.json.decode(body, type=_Foreign).error
    return said.message if isinstance(said, _Message) else ""


def _headers(error: Exception) -> Headers:
    if isinstance(error, LimitReached | ProvidersAway | RequestRefused) and error.retry_seconds is not None:
        return [(b"retry-after", b"%d" % max(1, round(error.retry_seconds)))]
    return [AGAIN_IS_VAIN] if isinstance(error, NothingServes) else ()
