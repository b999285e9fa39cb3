"""The tables, as the newest migration leaves them."""

from collections.abc import Mapping
from typing import Any

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from storage.database.columns import BIG_KEY, Letters, Packed, Words
from storage.rows import StageRow

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
WHEN = DateTimeUTC(timezone=True)


def _meeting(**more: Any) -> Column[str]:
    return Column("meeting", Letters, ForeignKey("meetings.id", ondelete="CASCADE"), nullable=False, **more)


meetings = Table(
    "meetings",
    metadata,
    # Its place in the order of all meetings: milliseconds since 1970, or the next that were free.
    Column("place", BIG_KEY, primary_key=True, autoincrement=False),
    Column("id", Letters, nullable=False, unique=True),
    Column("owner", Letters, nullable=False),
    Column("title", Letters, nullable=False),
    Column("words", Words, nullable=False),
    Column("state", Letters, nullable=False),
    Column("created_at", WHEN, nullable=False),
    Column("source", Letters, nullable=False),
    Column("duration", Double),
    Column("language", Letters),
    Column("options", Packed[Mapping[str, Any]](dict[str, Any]), nullable=False),
    Column("original", Letters),
    Column("media_type", Letters),
    Column("size", BigInteger),
    Column("attempt", Integer, nullable=False),
    Column("error", Letters),
    Column("deleted_at", WHEN),
    Column("expires_at", WHEN),
    Column("stages", Packed[tuple[StageRow, ...]](tuple[StageRow, ...]), nullable=False),
    # How many events it has: the row's lock numbers them.
    Column("events", BigInteger, nullable=False),
)
kept, trashed = meetings.c.deleted_at.is_(None), meetings.c.deleted_at.is_not(None)
for name, where in (("kept", kept), ("trashed", trashed)):
    conditions: Mapping[str, Any] = {"sqlite_where": where, "postgresql_where": where}
    Index(f"ix_meetings_{name}", meetings.c.place, **conditions)
    Index(f"ix_meetings_{name}_owner", meetings.c.owner, meetings.c.place, **conditions)
Index("ix_meetings_state", meetings.c.state)
for when in (meetings.c.deleted_at, meetings.c.expires_at):
    Index(f"ix_meetings_{when.name}", when, sqlite_where=when.is_not(None), postgresql_where=when.is_not(None))

events = Table(
    "events",
    metadata,
    _meeting(primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("type", Letters, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

names = Table(
    "names",
    metadata,
    _meeting(primary_key=True),
    Column("label", Letters, primary_key=True),
    Column("name", Letters, nullable=False),
)

merges = Table(
    "merges",
    metadata,
    _meeting(primary_key=True),
    Column("label", Letters, primary_key=True),
    # The speaker as which it is shown, who is merged into nobody.
    Column("into", Letters, nullable=False),
)

edits = Table(
    "edits",
    metadata,
    Column("number", BIG_KEY, primary_key=True),
    _meeting(),
    Column("utterance", Letters, nullable=False),
    Column("track", Letters, nullable=False),
    Column("start", Double, nullable=False),
    Column("end", Double, nullable=False),
    Column("text", Letters),
    Column("speaker", Letters),
    UniqueConstraint("meeting", "utterance"),
)

utterances = Table(
    "utterances",
    metadata,
    # The place of its meeting, then its own from the meeting's end: the order of search, backwards.
    Column("key", BIG_KEY, primary_key=True, autoincrement=False),
    Column("utterance", Letters, nullable=False),
    Column("start", Double, nullable=False),
    Column("end", Double, nullable=False),
    Column("speaker", Letters),
    Column("text", Letters, nullable=False),
    Column("words", Words, nullable=False),
)
for table in (meetings, utterances):
    Index(
        f"ix_{table.name}_words", table.c.words, postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    ).ddl_if(dialect="postgresql")

keys = Table(
    "keys",
    metadata,
    Column("id", Letters, primary_key=True),
    Column("name", Letters, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("role", Letters, nullable=False),
    Column("owner", Letters, nullable=False),
    Column("created_at", WHEN, nullable=False),
    Column("last_used_at", WHEN),
    Column("revoked_at", WHEN),
    Column("limits", Packed[Mapping[str, float]](dict[str, float]), nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("key", Letters, ForeignKey("keys.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", WHEN, nullable=False, index=True),
)

shares = Table(
    "shares",
    metadata,
    Column("id", Letters, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    _meeting(index=True),
    Column("created_at", WHEN, nullable=False),
    Column("expires_at", WHEN),
)

settings = Table(
    "settings",
    metadata,
    Column("kind", Letters, primary_key=True),
    Column("name", Letters, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

usage = Table(
    "usage",
    metadata,
    Column("day", Date, primary_key=True),
    Column("key", Letters, primary_key=True),
    Column("model", Letters, primary_key=True),
    Column("owner", Letters, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("prompt_tokens", BigInteger, nullable=False),
    Column("completion_tokens", BigInteger, nullable=False),
    Column("cost", Double, nullable=False),
)

nodes = Table(
    "nodes",
    metadata,
    Column("name", Letters, primary_key=True),
    Column("process", Letters, nullable=False),
    Column("roles", Packed[tuple[str, ...]](tuple[str, ...]), nullable=False),
    Column("queues", Packed[tuple[str, ...]](tuple[str, ...]), nullable=False),
    Column("version", Letters, nullable=False),
    Column("state", Letters, nullable=False),
    # Seconds since 1970 by the clock of the database.
    Column("seen", Double, nullable=False),
    Column("address", Letters, nullable=False, server_default=""),
)
