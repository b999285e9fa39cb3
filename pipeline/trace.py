"""Which request, meeting and stage this is about: for logs and traces, whatever task it runs in.

A request's id travels to its job in the order of its meeting. Traces are made by a `Tracer` where one is installed;
otherwise a span costs a function call.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol

import msgspec

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Id of the request that this is done for; empty for none."""
KEY: ContextVar[str] = ContextVar("key", default="")
"""Public part of the key that the request came with; empty for none."""
MEETING: ContextVar[str] = ContextVar("meeting", default="")
"""Id of the meeting that this is about; empty for none."""
STAGE: ContextVar[str] = ContextVar("stage", default="")
"""Name of the stage at work; empty for none."""


class Tracer(Protocol):
    """Makes spans; the one at hand is the parent of those that begin within it."""

    def span(self, name: str, parent: str, attributes: Mapping[str, str]) -> AbstractContextManager[None]:
        """Make a span of what the block does. `parent` is a traceparent; empty takes the span at hand."""

    def traceparent(self) -> str:
        """Return the span at hand as W3C Trace Context writes it; empty if there is none."""


_TRACER: list[Tracer] = []
"""The one that is installed."""


def install(tracer: Tracer | None) -> None:
    """Make spans with this from now on; None makes none."""
    _TRACER[:] = [] if tracer is None else [tracer]


def span(name: str, parent: str = "", **attributes: str) -> AbstractContextManager[None]:
    """Make a span of what the block does, where spans are made."""
    return _TRACER[0].span(name, parent, attributes) if _TRACER else nullcontext()


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an order comes from."""

    request: str = ""
    """Id of the request; empty where none ordered it."""
    key: str = ""
    """Public part of the key that ordered it; empty where it had none."""
    traceparent: str = ""
    """The request's place in a trace; empty where none is made."""
    at: float = 0.0
    """Seconds since 1970."""


def origin() -> Origin:
    """Return where an order comes from that is made here and now."""
    traceparent = _TRACER[0].traceparent() if _TRACER else ""
    return Origin(request=REQUEST.get(), key=KEY.get(), traceparent=traceparent, at=round(time.time(), 3))


@contextmanager
def about(meeting: str, request: str = "") -> Iterator[None]:
    """Say that the block is about a meeting, and maybe for a request."""
    meeting_token, request_token = MEETING.set(meeting), REQUEST.set(request or REQUEST.get())
    try:
        yield
    finally:
        MEETING.reset(meeting_token)
        REQUEST.reset(request_token)


@contextmanager
def in_stage(name: str) -> Iterator[None]:
    """Say that the block is the work of a stage."""
    token = STAGE.set(name)
    try:
        with span(name, meeting=MEETING.get()):
            yield
    finally:
        STAGE.reset(token)
