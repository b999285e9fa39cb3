"""What users changed in a meeting: names, merged speakers, corrections."""

from typing import Any

from advanced_alchemy.operations import OnConflictUpsert
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database.part import Part, locked, whole
from storage.database.tables import edits, merges, names
from storage.rows import EditRow, Overlays

EDIT = tuple(column for column in edits.c if column.name in EditRow.__struct_fields__)
"""The columns of an `EditRow`."""


class Corrections(Part):
    """Lies over the results of every run."""

    @whole
    async def overlays(self, meeting: str) -> Overlays:
        """Return what users changed."""
        async with self.connections.reading() as connection:
            named = await connection.execute(select(names.c.label, names.c.name).where(names.c.meeting == meeting))
            merged = await connection.execute(select(merges.c.label, merges.c.into).where(merges.c.meeting == meeting))
            edited = await connection.execute(select(*EDIT).where(edits.c.meeting == meeting).order_by(edits.c.number))
            return Overlays(
                names={each.label: each.name for each in named},
                merged={each.label: each.into for each in merged},
                edits=tuple(EditRow(**edit) for edit in edited.mappings()),
            )

    @whole
    async def set_name(self, meeting: str, label: str, name: str | None) -> None:
        """Name a speaker, or take the name away."""
        async with self.connections.writing() as connection:
            await locked(connection, meeting)
            if name is None:
                await connection.execute(delete(names).where(names.c.meeting == meeting, names.c.label == label))
            else:
                await self._put(connection, names, meeting=meeting, label=label, name=name)

    @whole
    async def merge_speakers(self, meeting: str, label: str, into: str) -> None:
        """Show one speaker as another; as itself takes that back."""
        c = merges.c
        async with self.connections.writing() as connection:
            await locked(connection, meeting)
            shown = await connection.scalar(select(c.into).where(c.meeting == meeting, c.label == into)) or into
            if label in (shown, into):
                # Either it is to stand for itself again, or two change places.
                await connection.execute(delete(merges).where(c.meeting == meeting, c.label == into))
                shown = into
            if shown != label:
                await connection.execute(update(merges).where(c.meeting == meeting, c.into == label).values(into=shown))
                await self._put(connection, merges, meeting=meeting, label=label, into=shown)

    @whole
    async def add_edit(self, meeting: str, edit: EditRow) -> None:
        """Keep a correction; what it leaves is as an earlier one of the same utterance made it."""
        same = (edits.c.meeting == meeting, edits.c.utterance == edit.utterance)
        async with self.connections.writing() as connection:
            await locked(connection, meeting)
            values = {column.name: getattr(edit, column.name) for column in EDIT}
            had = (
                await connection.execute(delete(edits).where(*same).returning(edits.c.text, edits.c.speaker))
            ).first()
            if had is not None:
                values["text"] = edit.text if edit.text is not None else had.text
                values["speaker"] = edit.speaker if edit.speaker is not None else had.speaker
            await connection.execute(insert(edits).values(meeting=meeting, **values))

    async def _put(self, connection: AsyncConnection, table: Table, **values: Any) -> None:
        by = [column.name for column in table.primary_key]
        dialect = self.connections.dialect
        await connection.execute(OnConflictUpsert.create_upsert(table, values, by, dialect_name=dialect))
