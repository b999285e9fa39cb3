"""One request, without its content: what usage counts and the audit log says."""

import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, Protocol

import msgspec

AUDIT = logging.getLogger("parley.audit")
Outcome = Literal["answered", "refused", "failed", "broke off", "left"]
"""`refused` before anybody was asked; `broke off` after the first byte; `left` when the client went away."""


class Payer(Protocol):
    """Whoever is counted."""

    @property
    def owner(self) -> str:
        """Whose key it is."""

    @property
    def key_id(self) -> str | None:
        """Public part of the key; None where there is none."""

    @property
    def limits(self) -> Mapping[str, float]:
        """What the key allows."""

    @property
    def counted_as(self) -> str:
        """What limits are counted by."""


class Record(msgspec.Struct, kw_only=True, gc=False):
    """What happened to one request."""

    path: str
    """Route."""
    began: float = msgspec.field(default_factory=time.perf_counter)
    """Clock when it came."""
    caller: Payer | None = None
    """Who sent it; None if nobody was let in."""
    model: str = ""
    """Id of the model; empty before it is known."""
    provider: str = ""
    """Who answered, or was asked last."""
    stream: bool = False
    """Whether the answer came in parts."""
    status: int = 0
    """HTTP status; 0 if nothing was answered."""
    outcome: Outcome = "answered"
    """How it ended."""
    prompt_tokens: int = 0
    """Tokens read, as the provider counts them; 0 if it does not say."""
    completion_tokens: int = 0
    """Tokens written; for a stream whose provider does not say, its events."""
    cost: float = 0.0
    """In the currency of the budgets."""

    @property
    def key(self) -> str:
        """Return what it is counted under."""
        return "" if self.caller is None else counted(self.caller)

    def write(self) -> None:
        """Write the audit line."""
        if AUDIT.isEnabledFor(logging.INFO):
            AUDIT.info("%s", self.line())

    def line(self) -> str:
        """Return the audit line: JSON, without content."""
        said = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "path": self.path,
            "key": self.key,
            "owner": "" if self.caller is None else self.caller.owner,
            "model": self.model,
            "provider": self.provider,
            "stream": self.stream,
            "status": self.status,
            "outcome": self.outcome,
            "ms": round((time.perf_counter() - self.began) * 1000, 1),
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
        }
        return msgspec.json.encode(said).decode()


def counted(caller: Payer) -> str:
    """Return what a caller's use is counted under: the public part of its key, where it has one."""
    return caller.key_id or caller.counted_as or caller.owner
