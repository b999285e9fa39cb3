"""Everything that is kept, out of one database and into another of any kind: for backups."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from sqlalchemy import RowMapping, Select, Table, insert, select, text
from sqlalchemy.dialects.postgresql import insert as insert_unless_there  # SQLite has the same ON CONFLICT
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import tables as t
from storage.database.columns import POSITION_BITS
from storage.database.meetings import ROW, of_meeting, title_words
from storage.database.overlays import EDIT
from storage.database.part import Part, no_meeting, whole
from storage.database.search import FOUND
from storage.database.words import own_word, words
from storage.rows import (
    EditRow,
    EventRow,
    HouseRows,
    KeyRow,
    MeetingRow,
    Overlays,
    SearchRow,
    ShareRow,
    UsageRow,
    WholeMeeting,
)

LEFT_OUT = ("nodes", "sessions")
"""Tables that no backup carries: servers sign in again, and so do browsers."""


class Dump(Part):
    """Reads each meeting as it was at one moment, and writes it whole or not at all."""

    @whole
    async def meeting_ids(self) -> Sequence[str]:
        """Return the ids of all meetings, in their order."""
        async with self.connections.reading() as connection:
            found = await connection.scalars(select(t.meetings.c.id).order_by(t.meetings.c.place))
            return list(found)

    @whole
    async def whole_meeting(self, id: str) -> WholeMeeting:
        """Return a meeting with every row that belongs to it."""
        c = t.meetings.c
        async with self._one_moment() as connection:
            query = select(c.place, c.events, *ROW).where(c.id == id)
            found = (await connection.execute(query)).mappings().one_or_none()
            if found is None:
                raise no_meeting()
            row = MeetingRow(**{column.name: found[column.name] for column in ROW})
            return WholeMeeting(
                place=found["place"],
                meeting=row,
                numbered=found["events"],
                events=tuple(EventRow(**each) for each in await _rows(connection, _events(id))),
                overlays=await _overlays(connection, id),
                utterances=tuple(SearchRow(**each) for each in await _rows(connection, _utterances(found["place"]))),
                shares=tuple(ShareRow(**each) for each in await _rows(connection, _shares(id))),
            )

    @whole
    async def house_rows(self) -> HouseRows:
        """Return what belongs to no meeting."""
        u = t.usage.c
        documents: dict[str, dict[str, bytes]] = {}
        async with self._one_moment() as connection:
            for found in await _rows(connection, select(t.settings).order_by(*t.settings.primary_key)):
                documents.setdefault(found["kind"], {})[found["name"]] = bytes(found["data"])
            keys = await _rows(connection, select(t.keys).order_by(t.keys.c.created_at, t.keys.c.id))
            usage = await _rows(connection, select(t.usage).order_by(u.day, u.key, u.model))
            return HouseRows(
                keys=tuple(KeyRow(**each) for each in keys),
                settings=documents,
                usage=tuple(UsageRow(**each) for each in usage),
            )

    @whole
    async def keep_whole_meeting(self, whole: WholeMeeting) -> None:
        """Keep a meeting at its place, with every row that belongs to it."""
        row, own = whole.meeting, own_word(whole.meeting.owner)
        fields: dict[str, Any] = {column.name: getattr(row, column.name) for column in ROW}
        fields |= {"place": whole.place, "events": whole.numbered, "words": title_words(row.owner, row.title)}
        last = ((whole.place + 1) << POSITION_BITS) - 1
        said = [
            {**msgspec.structs.asdict(each), "key": last - at, "words": (own, *words(each.text))}
            for at, each in enumerate(whole.utterances)
        ]
        over = whole.overlays
        async with self.connections.writing() as connection:
            await connection.execute(insert(t.meetings), fields)
            await _add(connection, t.events, [{"meeting": row.id, **_fields(each)} for each in whole.events])
            named = [{"meeting": row.id, "label": label, "name": name} for label, name in over.names.items()]
            await _add(connection, t.names, named)
            merged = [{"meeting": row.id, "label": label, "into": into} for label, into in over.merged.items()]
            await _add(connection, t.merges, merged)
            await _add(connection, t.edits, [{"meeting": row.id, **_fields(each)} for each in over.edits])
            await _add(connection, t.utterances, said)
            await _add(connection, t.shares, [_fields(each) for each in whole.shares])

    @whole
    async def keep_house_rows(self, rows: HouseRows) -> None:
        """Keep what belongs to no meeting; what is there already stays."""
        documents = [
            {"kind": kind, "name": name, "data": data}
            for kind, named in rows.settings.items()
            for name, data in named.items()
        ]
        keyed: list[tuple[Table, list[dict[str, Any]]]] = [
            (t.keys, [_fields(each) for each in rows.keys]),
            (t.settings, documents),
            (t.usage, [_fields(each) for each in rows.usage]),
        ]
        async with self.connections.writing() as connection:
            for table, values in keyed:
                for value in values:
                    await connection.execute(insert_unless_there(table).values(value).on_conflict_do_nothing())

    @asynccontextmanager
    async def _one_moment(self) -> AsyncIterator[AsyncConnection]:
        async with self.connections.reading() as connection:
            # SQLite shows one moment to a whole transaction anyway.
            if self.connections.dialect == "postgresql":
                await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield connection


def _events(id: str) -> Select[Any]:
    c = t.events.c
    return select(c.number, c.type, c.data).where(c.meeting == id).order_by(c.number)


def _utterances(place: int) -> Select[Any]:
    return select(*FOUND).where(of_meeting(place)).order_by(t.utterances.c.key.desc())


def _shares(id: str) -> Select[Any]:
    return select(t.shares).where(t.shares.c.meeting == id).order_by(t.shares.c.created_at, t.shares.c.id)


async def _overlays(connection: AsyncConnection, id: str) -> Overlays:
    n, m, e = t.names.c, t.merges.c, t.edits.c
    named = await connection.execute(select(n.label, n.name).where(n.meeting == id).order_by(n.label))
    merged = await connection.execute(select(m.label, m.into).where(m.meeting == id).order_by(m.label))
    edited = await _rows(connection, select(*EDIT).where(e.meeting == id).order_by(e.number))
    return Overlays(
        names={each.label: each.name for each in named},
        merged={each.label: each.into for each in merged},
        edits=tuple(EditRow(**each) for each in edited),
    )


async def _rows(connection: AsyncConnection, query: Select[Any]) -> Sequence[RowMapping]:
    found: Sequence[RowMapping] = (await connection.execute(query)).mappings().all()
    return found


async def _add(connection: AsyncConnection, table: Table, values: list[dict[str, Any]]) -> None:
    if values:
        await connection.execute(insert(table), values)


def _fields(row: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}
