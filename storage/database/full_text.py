"""Words -> the queries that find them: FTS5 in SQLite, a GIN index in PostgreSQL.

A page begins below a number (no OFFSET). FTS5 finds rows in the order of their numbers and stops at the end of the
page. A GIN index knows no order, and a guess at how many rows have some words may be wrong by any factor. So PostgreSQL
looks first at the rows that come next, which is enough for frequent words, and if they do not fill the page, it
gathers all that the index knows, which is soon done for seldom ones.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, Select, Table, cast, column, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from storage.database.columns import POSITION_BITS
from storage.database.tables import kept, meetings, trashed, utterances
from storage.database.words import Term, own_word
from storage.rows import MeetingRow, SearchRow

NEXT = 4000
"""Rows that PostgreSQL looks at before it asks the index: some milliseconds."""
MEETING = ("place", *(name for name in MeetingRow.__struct_fields__))
"""Columns of a page of meetings; the first is their order."""
UTTERANCE = ("key", *SearchRow.__struct_fields__)
"""Columns of a page of utterances; the first is their order."""


def meetings_with(
    dialect: str, owner: str | None, wanted: Sequence[Term], last: int, *, trash: bool
) -> list[Select[Any]]:
    """Select meetings below `last` whose titles have all the words, newest first: by the first query that can."""
    shown = [trashed if trash else kept] if owner is None else [trashed if trash else kept, meetings.c.owner == owner]
    if dialect == "sqlite":
        found = _fts5(meetings, owner, wanted, last)
        query = select(*_of(meetings, MEETING)).select_from(found).join(meetings, meetings.c.place == found.c.rowid)
        return [query.where(*shown).order_by(found.c.rowid.desc())]
    below = select(meetings).where(meetings.c.place < last, *shown)
    following = below.order_by(meetings.c.place.desc()).limit(NEXT).subquery("following")
    near = select(*_of(following, MEETING)).where(_matches(following, owner, wanted))
    known = _known(meetings.c.place, _matches(meetings, owner, wanted), last)
    far = select(*_of(meetings, MEETING)).select_from(known).join(meetings, meetings.c.place == known.c.place)
    return [near.order_by(following.c.place.desc()), far.where(*shown).order_by(known.c.place.desc())]


def utterances_with(dialect: str, owner: str | None, wanted: Sequence[Term], last: int) -> list[Select[Any]]:
    """Select utterances below `last` that have all the words, of newer meetings first: by the first query that can."""
    if dialect == "sqlite":
        found = _fts5(utterances, owner, wanted, last)
        query = select(*_of(utterances, UTTERANCE)).select_from(found)
        query = query.join(utterances, utterances.c.key == found.c.rowid)
        return [_with_meeting(query, utterances, owner).order_by(found.c.rowid.desc())]
    key = utterances.c.key
    following = select(utterances).where(key < last).order_by(key.desc()).limit(NEXT).subquery("following")
    near = select(*_of(following, UTTERANCE)).where(_matches(following, owner, wanted))
    known = _known(key, _matches(utterances, owner, wanted), last)
    far = select(*_of(utterances, UTTERANCE)).select_from(known).join(utterances, key == known.c.key)
    return [
        _with_meeting(near.select_from(following), following, owner).order_by(following.c.key.desc()),
        _with_meeting(far, known, owner).order_by(known.c.key.desc()),
    ]


def _of(source: FromClause, names: Sequence[str]) -> list[ColumnElement[Any]]:
    return [source.c[name] for name in names]


def _known(number: Column[Any], matches: ColumnElement[bool], last: int) -> FromClause:
    """Return the numbers below `last` that the index knows, in order: all are gathered before any is looked up."""
    gathered = select(number).where(matches, number < last).cte("gathered").prefix_with("MATERIALIZED")
    return select(gathered.c[number.name]).order_by(gathered.c[number.name].desc()).subquery("known")


def _with_meeting(query: Select[Any], source: FromClause, owner: str | None) -> Select[Any]:
    """Add the meeting of each utterance, if it is shown."""
    place = source.c.key.op(">>")(literal_column(str(POSITION_BITS)))
    query = query.add_columns(meetings.c.id, meetings.c.title, meetings.c.created_at)
    query = query.join(meetings, meetings.c.place == place).where(kept)
    return query if owner is None else query.where(meetings.c.owner == owner)


def _fts5(of: Table, owner: str | None, wanted: Sequence[Term], last: int) -> FromClause:
    """Source: SQLite FTS5 Extension, section 3. In quotes, nothing is syntax; words have no quotes in them."""
    query = [f'"{term.word}"{"*" if term.is_beginning else ""}' for term in wanted]
    own = [] if owner is None else [f'"{own_word(owner)}"']
    index = table(f"{of.name}_words", column("rowid"))
    matches = literal_column(index.name).bool_op("MATCH")(" AND ".join(own + query))
    return select(index.c.rowid).where(matches, index.c.rowid < last).subquery("found")


def _matches(source: FromClause, owner: str | None, wanted: Sequence[Term]) -> ColumnElement[bool]:
    """Source: PostgreSQL 15, section 8.11.2. In quotes, nothing is syntax; words have no quotes in them."""
    query = [f"'{term.word}'{':*' if term.is_beginning else ''}" for term in wanted]
    own = [] if owner is None else [f"'{own_word(owner)}'"]
    return source.c.words.bool_op("@@")(cast(" & ".join(own + query), TSQUERY))
