"""Meetings: kept, listed, changed by the attempt that has them, removed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite has the same ON CONFLICT
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database.columns import POSITION_BITS
from storage.database.cursors import before, cursor_after
from storage.database.full_text import meetings_with
from storage.database.part import Part, first_full, locked, no_meeting, whole
from storage.database.tables import kept, meetings, trashed, utterances
from storage.database.words import own_word, terms, words
from storage.rows import MeetingRow, Page, StageRow

CHANGEABLE = {
    "deleted_at", "duration", "error", "expires_at", "language", "media_type", "options", "original", "size", "state",
    "title",
}  # fmt: skip
"""Fields that may change; `attempt` and `stages` have ways of their own, owner and time stay."""
LONGEST_PAGE = 500
EXPIRED_AT_ONCE = 500
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

c = meetings.c
ROW = tuple(column for column in c if column.name in MeetingRow.__struct_fields__)
"""The columns of a `MeetingRow`."""


class Meetings(Part):
    """Everything that is known of meetings but what was said."""

    @whole
    async def add_meeting(self, meeting: MeetingRow) -> None:
        """Keep a new meeting."""
        fields = {column.name: getattr(meeting, column.name) for column in ROW}
        fields |= {"events": 0, "words": title_words(meeting.owner, meeting.title)}
        wanted = (meeting.created_at - EPOCH) // timedelta(milliseconds=1)
        if not 0 <= wanted < 2 ** (63 - POSITION_BITS):
            raise ValueError(f"A meeting is not of {meeting.created_at}.")
        async with self.connections.writing() as connection:
            while True:
                row = {**fields, "place": await _free_place(connection, wanted)}
                # The other transaction that may take this place at the same moment is waited for.
                added = insert(meetings).values(row).on_conflict_do_nothing(index_elements=["place"])
                if await connection.scalar(added.returning(c.place)) is not None:
                    return

    @whole
    async def meeting(self, id: str, owner: str | None = None) -> MeetingRow:
        """Return a meeting, in the trash or not."""
        query = select(*ROW).where(c.id == id)
        async with self.connections.reading() as connection:
            query = query if owner is None else query.where(c.owner == owner)
            found = (await connection.execute(query)).mappings().one_or_none()
        if found is None:
            raise no_meeting()
        return _row(found)

    @whole
    async def meetings(
        self, owner: str | None, q: str = "", limit: int = 50, cursor: str | None = None, *, trash: bool = False
    ) -> Page[MeetingRow]:
        """List meetings, newest first."""
        queries = page_queries(self.connections.dialect, owner, q, limit, cursor, trash=trash)
        async with self.connections.reading() as connection:
            found = await first_full(connection, queries, limit + 1)
        more = cursor_after(b"m", found[limit - 1]["place"]) if len(found) > limit else None
        return Page(tuple(_row(each) for each in found[:limit]), more)

    @whole
    async def unfinished(self) -> Sequence[MeetingRow]:
        """Return all meetings that are live or processing, oldest first."""
        return await self._all(select(*ROW).where(c.state.in_(("live", "processing"))).order_by(c.place))

    @whole
    async def expired(self, now: datetime, trash_before: datetime) -> Sequence[MeetingRow]:
        """Return the oldest of what is to be deleted for good."""
        is_over = or_(c.expires_at <= now, c.deleted_at < trash_before)
        return await self._all(select(*ROW).where(is_over).order_by(c.place).limit(EXPIRED_AT_ONCE))

    @whole
    async def change_meeting(self, id: str, changes: Mapping[str, Any], attempt: int | None = None) -> MeetingRow:
        """Set some fields, with `attempt` only if it is still the newest."""
        if unknown := set(changes) - CHANGEABLE:
            raise ValueError(f"{min(unknown)} of a meeting cannot be changed so.")
        values = dict(changes)
        async with self.connections.writing() as connection:
            owner = (await locked(connection, id, attempt)).owner
            if "title" in changes:
                values["words"] = title_words(owner, changes["title"])
            if values:
                await connection.execute(update(meetings).where(c.id == id).values(values))
            found = (await connection.execute(select(*ROW).where(c.id == id))).mappings().one()
        return _row(found)

    @whole
    async def next_attempt(self, id: str) -> int:
        """Begin an attempt to process the meeting."""
        query = update(meetings).where(c.id == id).values(attempt=c.attempt + 1).returning(c.attempt)
        async with self.connections.writing() as connection:
            attempt: int | None = await connection.scalar(query)
            if attempt is None:
                raise no_meeting()
        return attempt

    @whole
    async def set_stages(self, id: str, attempt: int, stages: Sequence[StageRow]) -> None:
        """Replace or add stage rows by name."""
        async with self.connections.writing() as connection:
            had = (await locked(connection, id, attempt)).stages
            by_name = {stage.name: stage for stage in (*had, *stages)}
            await connection.execute(update(meetings).where(c.id == id).values(stages=tuple(by_name.values())))

    @whole
    async def remove_meeting(self, id: str) -> None:
        """Delete a meeting with every row that belongs to it; that there is none is no error."""
        async with self.connections.writing() as connection:
            place = await connection.scalar(delete(meetings).where(c.id == id).returning(c.place))
            if place is not None:
                await connection.execute(delete(utterances).where(of_meeting(place)))

    async def _all(self, query: Select[Any]) -> Sequence[MeetingRow]:
        async with self.connections.reading() as connection:
            return [_row(found) for found in (await connection.execute(query)).mappings().all()]


def page_queries(
    dialect: str, owner: str | None, q: str, limit: int, cursor: str | None, *, trash: bool
) -> list[Select[Any]]:
    """Return queries of a page and one row more, of which the first that fills it will do; none for odd words."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise ValueError(f"A page has 1 to {LONGEST_PAGE} rows.")
    last = before(b"m", cursor)
    if q.strip():
        wanted = terms(q)
        queries = meetings_with(dialect, owner, wanted, last, trash=trash) if wanted else []
    else:
        query = select(c.place, *ROW).where(c.place < last, trashed if trash else kept).order_by(c.place.desc())
        queries = [query if owner is None else query.where(c.owner == owner)]
    return [query.limit(limit + 1) for query in queries]


def of_meeting(place: int) -> ColumnElement[bool]:
    """Return what holds for the utterances of the meeting at this place."""
    return utterances.c.key.between(place << POSITION_BITS, ((place + 1) << POSITION_BITS) - 1)


async def _free_place(connection: AsyncConnection, wanted: int) -> int:
    """Return the place, or the next that is free."""
    if not await connection.scalar(select(c.place).where(c.place == wanted)):
        return wanted
    after = meetings.alias().c
    next_is_free = ~exists().where(after.place == c.place + 1)
    last = await connection.scalar(select(func.min(c.place)).where(c.place >= wanted, next_is_free))
    return int(last or wanted) + 1


def title_words(owner: str, title: str) -> tuple[str, ...]:
    """Return the words by which a meeting is found: its owner's, and those of its title."""
    return (own_word(owner), *words(title))


def _row(found: RowMapping) -> MeetingRow:
    return MeetingRow(**{column.name: found[column.name] for column in ROW})
