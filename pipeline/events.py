"""What happens to a meeting -> events on the wire: names and JSON shapes."""

from collections.abc import Iterable
from typing import Any

import msgspec

from pipeline.slides import Slide
from pipeline.transcript import line
from stages.speech import Utterance
from stages.summary import Summary
from storage.rows import MeetingState, StageRow

Event = tuple[str, bytes]
"""Name, and JSON of the event without its number."""

END = "end"
"""The last event of a run."""
LONGEST_MESSAGE = 7000
"""Bytes that an unnumbered event may take. Source: PostgreSQL, NOTIFY, less than 8,000 bytes."""


def event(name: str, **told: Any) -> Event:
    """Return an event."""
    return name, msgspec.json.encode({"type": name, **told})


def stage_event(row: StageRow) -> Event:
    """Tell that a stage began, ended or failed."""
    return event("stage", stage=row)


def progress_message(rows: Iterable[StageRow]) -> bytes:
    """Tell how far the stages are; empty if that does not fit into a message."""
    told = [{"name": row.name, "progress": round(row.progress, 4), "lag": row.lag, "rtfx": row.rtfx} for row in rows]
    message = event("progress", stages=told)[1]
    return message if len(message) < LONGEST_MESSAGE else b""


def utterance_event(utterance: Utterance) -> Event:
    """Tell what was said: an utterance with the id of an earlier one replaces it."""
    return event("utterance", utterance=line(utterance))


def summary_event(summary: Summary) -> Event:
    """Tell the summary."""
    return event("summary", summary=summary)


def slide_event(slide: Slide) -> Event:
    """Tell what was on view: a slide with the id of an earlier one replaces it."""
    return event("slide", slide=slide)


def error_event(code: str, message: str) -> Event:
    """Tell why nothing more will come of the meeting."""
    return event("error", code=code, message=message)


def end_event(run: int, state: MeetingState) -> Event:
    """Tell that a run is over."""
    return event(END, run=run, state=state)
