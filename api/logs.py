"""Log records -> lines on stderr: text, or JSON with the ids of request, meeting and stage. No line holds content."""

import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

import msgspec

from pipeline.trace import MEETING, REQUEST, STAGE

OURS = ("api", "parley", "pipeline", "stages", "storage")
"""Loggers that `level` is for; others tell what is wrong, and nothing else."""
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the log says: the table [log]."""

    format: Literal["text", "json"] = "text"
    """One line of text, or one object of JSON, for each record."""
    level: Literal["debug", "info", "warning", "error"] = "warning"
    """The least that is told; `info` tells every request and every step of a job."""


class OtelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where traces go: the table [otel]; needs the extra `otel`."""

    endpoint: str = ""
    """Address of a collector that speaks OTLP over HTTP, as http://collector:4318; empty makes no traces."""
    service: str = "parley"
    """What the collector calls this server."""


def configure(settings: LogSettings) -> None:
    """Write the log of this process so from now on, and for every request for a model a line of JSON."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    logging.root.handlers[:] = [lines]
    logging.root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(LEVELS[settings.level])
    bare, audit = logging.StreamHandler(sys.stderr), logging.getLogger("parley.audit")
    bare.setFormatter(logging.Formatter("%(message)s"))
    audit.handlers[:] = [bare]
    audit.setLevel(logging.INFO)
    audit.propagate = False


class JsonLines(logging.Formatter):
    """One object a record."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _one_line(record.getMessage()),
        }
        said |= _about()
        if record.exc_info and record.exc_info[1] is not None:
            said["error"] = _one_line(_told(record.exc_info[1]))
            said["traceback"] = _where(record.exc_info[2])
        return msgspec.json.encode(said).decode()


class TextLines(logging.Formatter):
    """One line a record, and a traceback below it; nothing that somebody sent begins a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        when = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%d %H:%M:%S")
        marks = "".join(f" {name}={value}" for name, value in _about().items())
        line = f"{when} {record.levelname} {record.name}{marks}: {_one_line(record.getMessage())}"
        if record.exc_info and record.exc_info[1] is not None:
            line += f"\n{_where(record.exc_info[2])}  {_one_line(_told(record.exc_info[1]))}"
        return line


def _about() -> dict[str, str]:
    found = {"request": REQUEST.get(), "meeting": MEETING.get(), "stage": STAGE.get()}
    return {name: value for name, value in found.items() if value}


def _told(error: BaseException) -> str:
    """Return an error and what caused it: its kind, and its sentence."""
    cause = error.__cause__
    told = f"{type(error).__name__}: {error}"
    return f"{told} (from {type(cause).__name__})" if cause is not None else told


def _where(trace: TracebackType | None) -> str:
    """Return the places of a traceback, without values."""
    return "".join(f"  {frame.filename}:{frame.lineno} {frame.name}\n" for frame in traceback.extract_tb(trace))


def _one_line(text: str) -> str:
    return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
