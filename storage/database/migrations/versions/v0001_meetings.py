"""Meetings, their events, overlays and words, and the doors."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0001"
down_revision = None

FTS5 = """
CREATE VIRTUAL TABLE {table}_words USING fts5(
    words, content='{table}', content_rowid='{key}', tokenize='ascii', prefix='1 2 3 4 5 6', detail=none, columnsize=0
)
"""
"""Words come folded and with spaces between: `ascii` takes every other character for a letter, of whatever script.

Beginnings that are not indexed are merged from all words that have them before the first row is found. Words of more
than six letters are too seldom for that to take long. Source: SQLite FTS5 Extension, sections 4.2 to 4.6.
"""
ADDED = "INSERT INTO {table}_words (rowid, words) VALUES (new.{key}, new.words);"
REMOVED = "INSERT INTO {table}_words ({table}_words, rowid, words) VALUES ('delete', old.{key}, old.words);"
TRIGGERS = {
    "added AFTER INSERT": ADDED,
    "removed AFTER DELETE": REMOVED,
    "changed AFTER UPDATE OF words": REMOVED + ADDED,
}


def upgrade() -> None:
    """Take the step."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    letters = sa.Text(collation="C") if is_postgres else sa.Text()
    words = TSVECTOR() if is_postgres else sa.Text()
    key = sa.BigInteger() if is_postgres else sa.Integer()
    when = sa.DateTime(timezone=True)
    _meetings(key, letters, words, when)
    _belongings(key, letters, words)
    _doors(letters, when)
    for table, column in (("meetings", "place"), ("utterances", "key")):
        if is_postgres:
            # A search must not read through words that wait to be sorted in.
            op.create_index(
                f"ix_{table}_words",
                table,
                ["words"],
                postgresql_using="gin",
                postgresql_with={"fastupdate": "off"},
            )
        else:
            _full_text(table, column)


def _full_text(table: str, key: str) -> None:
    op.execute(FTS5.format(table=table, key=key))
    for trigger, does in TRIGGERS.items():
        name, event = trigger.split(" ", 1)
        op.execute(f"CREATE TRIGGER {table}_{name} {event} ON {table} BEGIN {does.format(table=table, key=key)} END")


def _meetings(key: Any, letters: Any, words: Any, when: Any) -> None:
    op.create_table(
        "meetings",
        sa.Column("place", key, autoincrement=False, nullable=False),
        sa.Column("id", letters, nullable=False),
        sa.Column("owner", letters, nullable=False),
        sa.Column("title", letters, nullable=False),
        sa.Column("words", words, nullable=False),
        sa.Column("state", letters, nullable=False),
        sa.Column("created_at", when, nullable=False),
        sa.Column("source", letters, nullable=False),
        sa.Column("duration", sa.Double()),
        sa.Column("language", letters),
        sa.Column("options", sa.LargeBinary(), nullable=False),
        sa.Column("original", letters),
        sa.Column("media_type", letters),
        sa.Column("size", sa.BigInteger()),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("error", letters),
        sa.Column("deleted_at", when),
        sa.Column("expires_at", when),
        sa.Column("stages", sa.LargeBinary(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_meetings"),
        sa.UniqueConstraint("id", name="uq_meetings_id"),
    )
    for name, condition in (("kept", "deleted_at IS NULL"), ("trashed", "deleted_at IS NOT NULL")):
        _index(f"ix_meetings_{name}", "meetings", ["place"], condition)
        _index(f"ix_meetings_{name}_owner", "meetings", ["owner", "place"], condition)
    _index("ix_meetings_state", "meetings", ["state"])
    for column in ("deleted_at", "expires_at"):
        _index(f"ix_meetings_{column}", "meetings", [column], f"{column} IS NOT NULL")


def _index(name: str, table: str, columns: list[str], condition: str | None = None) -> None:
    where = sa.text(condition) if condition else None
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _belonging(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["meeting"], ["meetings.id"], name=f"fk_{table}_meeting", ondelete="CASCADE")


def _belongings(key: Any, letters: Any, words: Any) -> None:
    op.create_table(
        "events",
        sa.Column("meeting", letters, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", letters, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("meeting", "number", name="pk_events"),
        _belonging("events"),
    )
    for table, value in (("names", "name"), ("merges", "into")):
        op.create_table(
            table,
            sa.Column("meeting", letters, nullable=False),
            sa.Column("label", letters, nullable=False),
            sa.Column(value, letters, nullable=False),
            sa.PrimaryKeyConstraint("meeting", "label", name=f"pk_{table}"),
            _belonging(table),
        )
    op.create_table(
        "edits",
        sa.Column("number", key, nullable=False),
        sa.Column("meeting", letters, nullable=False),
        sa.Column("utterance", letters, nullable=False),
        sa.Column("track", letters, nullable=False),
        sa.Column("start", sa.Double(), nullable=False),
        sa.Column("end", sa.Double(), nullable=False),
        sa.Column("text", letters),
        sa.Column("speaker", letters),
        sa.PrimaryKeyConstraint("number", name="pk_edits"),
        sa.UniqueConstraint("meeting", "utterance", name="uq_edits_meeting_utterance"),
        _belonging("edits"),
    )
    op.create_table(
        "utterances",
        sa.Column("key", key, autoincrement=False, nullable=False),
        sa.Column("utterance", letters, nullable=False),
        sa.Column("start", sa.Double(), nullable=False),
        sa.Column("end", sa.Double(), nullable=False),
        sa.Column("speaker", letters),
        sa.Column("text", letters, nullable=False),
        sa.Column("words", words, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_utterances"),
    )


def _doors(letters: Any, when: Any) -> None:
    op.create_table(
        "keys",
        sa.Column("id", letters, nullable=False),
        sa.Column("name", letters, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("role", letters, nullable=False),
        sa.Column("owner", letters, nullable=False),
        sa.Column("created_at", when, nullable=False),
        sa.Column("last_used_at", when),
        sa.Column("revoked_at", when),
        sa.Column("limits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key", letters, nullable=False),
        sa.Column("expires_at", when, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_sessions_key", ondelete="CASCADE"),
    )
    _index("ix_sessions_key", "sessions", ["key"])
    _index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "shares",
        sa.Column("id", letters, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("meeting", letters, nullable=False),
        sa.Column("created_at", when, nullable=False),
        sa.Column("expires_at", when),
        sa.PrimaryKeyConstraint("id", name="pk_shares"),
        _belonging("shares"),
    )
    _index("ix_shares_meeting", "shares", ["meeting"])
    op.create_table(
        "settings",
        sa.Column("kind", letters, nullable=False),
        sa.Column("name", letters, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name="pk_settings"),
    )
