"""Words -> the queries that find them: FTS5 in SQLite, a GIN index in PostgreSQL.

Keys are numbers in the order of the list, so that FTS5, which finds rows in the order of their numbers, can stop at
the end of a page; nothing is sorted and nothing skipped (OFFSET).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, cast, column, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from storage.database.columns import POSITION_BITS
from storage.database.tables import meetings, utterances
from storage.database.words import Term, own_word


def meetings_with(dialect: str, owner: str | None, wanted: Sequence[Term], last: int) -> Select[Any]:
    """Select the places of meetings whose titles have all the words, newest first, below `last`."""
    if dialect == "postgresql":
        query = select(meetings.c.place).where(_matches(meetings, owner, wanted), meetings.c.place < last)
        return query.order_by(meetings.c.place.desc())
    found = table("meetings_words", column("rowid"))
    query = select(meetings.c.place).select_from(found).join(meetings, meetings.c.place == found.c.rowid)
    return query.where(_fts5(found.name, owner, wanted), found.c.rowid < last).order_by(found.c.rowid.desc())


def utterances_with(dialect: str, owner: str | None, wanted: Sequence[Term], last: int) -> Select[Any]:
    """Select the keys of utterances that have all the words, those of newer meetings first, below `last`."""
    of = meetings.c.place == utterances.c.key.op(">>")(literal_column(str(POSITION_BITS)))
    if dialect == "postgresql":
        query = select(utterances.c.key).select_from(utterances).join(meetings, of)
        query = query.where(_matches(utterances, owner, wanted), utterances.c.key < last)
        return query.order_by(utterances.c.key.desc())
    found = table("utterances_words", column("rowid"))
    query = select(utterances.c.key).select_from(found)
    query = query.join(utterances, utterances.c.key == found.c.rowid).join(meetings, of)
    return query.where(_fts5(found.name, owner, wanted), found.c.rowid < last).order_by(found.c.rowid.desc())


def _fts5(name: str, owner: str | None, wanted: Sequence[Term]) -> ColumnElement[bool]:
    """Source: SQLite FTS5 Extension, section 3. In quotes, nothing is syntax; words have no quotes in them."""
    query = [f'"{term.word}"{"*" if term.is_beginning else ""}' for term in wanted]
    own = [] if owner is None else [f'"{own_word(owner)}"']
    return literal_column(name).bool_op("MATCH")(" AND ".join(own + query))


def _matches(table: Table, owner: str | None, wanted: Sequence[Term]) -> ColumnElement[bool]:
    """Source: PostgreSQL 15, section 8.11.2. In quotes, nothing is syntax; words have no quotes in them."""
    query = [f"'{term.word}'{':*' if term.is_beginning else ''}" for term in wanted]
    own = [] if owner is None else [f"'{own_word(owner)}'"]
    return table.c.words.bool_op("@@")(cast(" & ".join(own + query), TSQUERY))
