"""The last lines of the log, kept in memory for the control room."""

import logging
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec

KEPT = 500
"""Lines."""
LONGEST = 2_000
"""Characters of a line; the log itself has all of it."""


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the log."""

    number: int
    """1, 2, 3, ... since the server started."""
    at: datetime
    """UTC."""
    level: str
    """DEBUG, INFO, WARNING, ERROR or CRITICAL."""
    source: str
    """Part of the server that says it."""
    text: str
    """What it says; of an error, also the last line of its cause."""


class LogTail(logging.Handler):
    """Keeps what is logged while it listens: warnings of everybody, and what our own parts tell."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[LogLine] = deque(maxlen=KEPT)
        self._count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += " | " + traceback.format_exception_only(record.exc_info[1])[-1].strip()
        self._count += 1
        line = LogLine(
            number=self._count,
            at=datetime.fromtimestamp(record.created, UTC),
            level=record.levelname,
            source=record.name,
            text=text[:LONGEST],
        )
        self._lines.append(line)

    def after(self, number: int) -> Sequence[LogLine]:
        """Return the lines that follow a number, oldest first."""
        return [line for line in self._lines if line.number > number]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen while the block lasts."""
        root, ours = logging.getLogger(), logging.getLogger("parley")
        level = ours.level
        root.addHandler(self)
        if ours.getEffectiveLevel() > logging.INFO:
            ours.setLevel(logging.INFO)
        try:
            yield
        finally:
            root.removeHandler(self)
            ours.setLevel(level)
