"""Errors of every layer -> problem+json: one sentence that says what happened and what to do, and nothing else.

    Problem                     a request that cannot be answered as asked
    ├── BadRequest              400   it says something that makes no sense
    ├── WentAway                400   the client went away before its request was complete
    ├── NotThere                404   nothing lies at this address
    ├── TooSlow                 408   the client did not send anything for too long
    ├── NotSatisfiable          416   no byte of the range exists
    └── WrongType               415   the body is of a kind that this route does not read

What other layers raise is mapped by `STATUS`. Under /v1 the same errors will take the shape that OpenAI's clients read.
Source: RFC 9457.
"""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from litestar import Request, Response
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import ClientException, HTTPException
from litestar.openapi.datastructures import ResponseSpec

from api.dialects import PROBLEM, ProblemBody, error_body
from api.unread import unread_of
from pipeline.corrections import BadEdit
from pipeline.engine_pool import UnknownEngine
from pipeline.engine_room import NoSuchEngine, NotInstalled
from pipeline.live.limits import NotHere, NotLive, TooManyStreams
from pipeline.meetings import EmptyUpload, NotNow, TooLarge, UnknownStage
from pipeline.options import BadSpeakers
from pipeline.templates.shelf import UnknownTemplate
from pipeline.track import NoRoom
from pipeline.webhooks.shape import BadWebhook
from stages.engine_errors import BadMove, CannotDo, EngineError, LanguageNotSpoken
from stages.media_errors import MediaError, TooMuch
from storage.records import BadCursor, DatabaseAway, NoRecord, Taken
from storage.store import BadKey, NotStored, StoreAway, StoreFull

RETRY_SECONDS = 5
"""What a client is told to wait for a store or database that is away."""
LOG = logging.getLogger("parley.api")


class Problem(Exception):
    """A request that cannot be answered as asked."""

    status = 400

    def __init__(self, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.headers = dict(headers or {})
        """Headers that the answer carries beside it."""


class BadRequest(Problem):
    """The request says something that makes no sense."""


class WentAway(Problem):
    """The client went away before its request was complete."""


class NotThere(Problem):
    """Nothing lies at this address."""

    status = 404


class TooSlow(Problem):
    """The client did not send anything for too long."""

    status = 408


class WrongType(Problem):
    """The body is of a kind that this route does not read."""

    status = 415


class NotSatisfiable(Problem):
    """No byte of the range exists."""

    status = 416


STATUS: Mapping[type[Exception], int] = {
    NoRecord: 404,
    BadCursor: 400,
    NotStored: 404,
    NotNow: 409,
    NotLive: 409,
    TooManyStreams: 429,
    NotHere: 503,
    Taken: 409,
    EmptyUpload: 400,
    TooLarge: 413,
    BadEdit: 400,
    BadSpeakers: 400,
    UnknownStage: 400,
    UnknownTemplate: 422,
    BadKey: 400,
    BadWebhook: 400,
    LanguageNotSpoken: 422,
    CannotDo: 422,
    NoSuchEngine: 404,
    UnknownEngine: 422,
    BadMove: 409,
    NotInstalled: 409,
    EngineError: 503,
    TooMuch: 413,
    MediaError: 422,
    StoreAway: 503,
    DatabaseAway: 503,
    StoreFull: 507,
    NoRoom: 507,
}
"""HTTP status of what other layers raise; the nearest class counts."""

AnyRequest = Request[Any, Any, Any]


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, request: AnyRequest | None = None
) -> Response[bytes]:
    """Answer with a problem, as clients of the path read it; what is unread of the body is read afterwards."""
    body, media_type = error_body(request.scope["path"] if request else "", status, detail)
    unread = unread_of(request, status) if request else None
    return Response(
        body,
        status_code=status,
        media_type=media_type,
        headers=dict(headers or {}),
        background=BackgroundTask(unread) if unread else None,
    )


def on_problem(request: AnyRequest, error: Problem) -> Response[bytes]:
    """Answer what a handler refused."""
    return problem(error.status, str(error), error.headers, request)


def on_known(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Answer what another layer refused or could not do."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return problem(status, _sentence(error), headers, request)


def on_http(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """Answer what the framework refused: no such route, no such method, a body or parameter that does not fit."""
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return on_anything(request, error)
    detail = _unfit(error) or _meant(request, error) or error.detail
    return problem(error.status_code, detail, error.headers, request)


def on_anything(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Answer an error of ours: the cause goes to the log, under a number that the client is told."""
    number = uuid4().hex[:12]
    LOG.error("%s %s failed (request %s)", request.method, request.url.path, number, exc_info=error)
    told = f"Something broke on the server. Its log says more under the request {number}."
    return problem(500, told, {"X-Request-ID": number}, request)


HANDLERS: Mapping[int | type[Exception], Any] = {
    Problem: on_problem,
    HTTPException: on_http,
    **dict.fromkeys(STATUS, on_known),
    Exception: on_anything,
}
"""For Litestar."""


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Document the errors that a route answers with."""
    return {
        status: ResponseSpec(
            ProblemBody, generate_examples=False, media_type=PROBLEM, description=HTTPStatus(status).phrase
        )
        for status in statuses
    }


_MEANT = {
    404: "Nothing lies at this address. The routes are listed under /schema.",
    405: "The routes are listed under /schema.",
    413: "The body is larger than this route accepts.",
}


def _meant(request: AnyRequest, error: HTTPException) -> str:
    """Say in our words what the framework means."""
    meant = _MEANT.get(error.status_code, "")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        known = (error.headers or {}).get("Allow", "other methods")
        return f"This address knows {known}, not {request.method}. {meant}"
    return meant


def _sentence(error: Exception) -> str:
    return str(error).strip() or f"{type(error).__name__}."


def _unfit(error: HTTPException) -> str:
    """Say which part of a request does not fit, and why."""
    if isinstance(error.extra, list):
        told = [f"{_where(item)}: {plainer(item['message'])}" for item in error.extra if "message" in item]
        return f"The request does not fit: {'; '.join(told)}." if told else ""
    if type(error) is ClientException:
        return f"The body cannot be read as JSON: {error.detail}."
    return ""


def _where(item: Mapping[str, str]) -> str:
    place = item.get("key", "")
    return "the body" if place in ("data", "") else place


def plainer(message: str) -> str:
    """Say what a validator found without its patterns."""
    if message == "'data'":
        return "it is missing"
    return re.sub(r"Expected `str` matching regex .*?(?=( - at `|$))", "this text is not allowed here", message)
