"""Utterances of all meetings: indexed, and found by their words."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, delete, insert

from storage.database.columns import POSITION_BITS
from storage.database.cursors import before, cursor_after
from storage.database.full_text import utterances_with
from storage.database.meetings import LONGEST_PAGE, of_meeting
from storage.database.part import Part, first_full, locked, whole
from storage.database.tables import utterances
from storage.database.words import own_word, terms, words
from storage.rows import Hit, Page, SearchRow

MOST = 2**POSITION_BITS
"""Utterances of one meeting."""
FOUND = tuple(column for column in utterances.c if column.name in SearchRow.__struct_fields__)
"""The columns of a `SearchRow`."""


class Search(Part):
    """Finds what was said."""

    @whole
    async def index(self, meeting: str, rows: Sequence[SearchRow]) -> None:
        """Replace what search knows of a meeting."""
        if len(rows) > MOST:
            raise ValueError(f"A meeting has at most {MOST} utterances.")
        # Before anybody has to wait for it.
        values = [
            {**{column.name: getattr(row, column.name) for column in FOUND}, "words": words(row.text)}
            for row in sorted(rows, key=lambda row: row.start)
        ]
        async with self.connections.writing() as connection:
            held = await locked(connection, meeting)
            await connection.execute(delete(utterances).where(of_meeting(held.place)))
            last, own = ((held.place + 1) << POSITION_BITS) - 1, own_word(held.owner)
            for position, value in enumerate(values):
                value |= {"key": last - position, "words": (own, *value["words"])}
            if values:
                await connection.execute(insert(utterances), values)

    @whole
    async def search(self, owner: str | None, q: str, limit: int = 20, cursor: str | None = None) -> Page[Hit]:
        """Find utterances with all words of `q`, newest meetings first."""
        queries = search_queries(self.connections.dialect, owner, q, limit, cursor)
        async with self.connections.reading() as connection:
            found = await first_full(connection, queries, limit + 1)
        more = cursor_after(b"s", found[limit - 1]["key"]) if len(found) > limit else None
        return Page(tuple(_hit(each) for each in found[:limit]), more)


def search_queries(dialect: str, owner: str | None, q: str, limit: int, cursor: str | None) -> list[Select[Any]]:
    """Return queries of a page and one row more, of which the first that fills it will do; none for odd words."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise ValueError(f"A page has 1 to {LONGEST_PAGE} rows.")
    last, wanted = before(b"s", cursor), terms(q)
    queries = utterances_with(dialect, owner, wanted, last) if wanted else []
    return [query.limit(limit + 1) for query in queries]


def _hit(found: RowMapping) -> Hit:
    row = SearchRow(**{column.name: found[column.name] for column in FOUND})
    return Hit(meeting=found["id"], title=found["title"], created_at=found["created_at"], found=row)
