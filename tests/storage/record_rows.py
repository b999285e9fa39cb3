"""Rows for tests of the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from storage.rows import EditRow, KeyRow, MeetingRow, SearchRow, ShareRow

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def a_meeting(id: str = "m1", *, minutes: float = 0.0, **fields: Any) -> MeetingRow:
    """Return a meeting of Ann's, so many minutes after noon."""
    known: dict[str, Any] = {
        "owner": "ann",
        "title": f"Meeting {id}",
        "state": "processing",
        "created_at": NOON + timedelta(minutes=minutes),
        "source": "upload",
    }
    return MeetingRow(id=id, **{**known, **fields})


def an_edit(utterance: str = "u1", **fields: Any) -> EditRow:
    return EditRow(utterance=utterance, track="sound", start=1.0, end=2.5, **fields)


def a_key(id: str = "k1", *, minutes: float = 0.0) -> KeyRow:
    created = NOON + timedelta(minutes=minutes)
    return KeyRow(id=id, name="Ann's laptop", hash=b"\x00\xff", role="user", owner="ann", created_at=created)


def a_share(id: str = "s1", meeting: str = "m1", expires_at: datetime | None = None) -> ShareRow:
    return ShareRow(id=id, hash=b"\x01\xfe", meeting=meeting, created_at=NOON, expires_at=expires_at)


def said(*texts: str) -> list[SearchRow]:
    """Return utterances u0, u1, ..., one a second."""
    return [
        SearchRow(utterance=f"u{number}", start=float(number), end=number + 0.9, speaker="S1", text=text)
        for number, text in enumerate(texts)
    ]
