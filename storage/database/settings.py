"""Stored documents: templates, webhooks and their like."""

from collections.abc import Mapping

from advanced_alchemy.operations import OnConflictUpsert
from sqlalchemy import delete, select

from storage.database import tables
from storage.database.part import Part, whole
from storage.records import NoRecord

c = tables.settings.c


class Settings(Part):
    """JSON documents by kind and name."""

    @whole
    async def setting(self, kind: str, name: str) -> bytes:
        """Return a document."""
        async with self.connections.reading() as connection:
            data = await connection.scalar(select(c.data).where(c.kind == kind, c.name == name))
        if data is None:
            raise NoRecord(f"There is no {kind} of this name.")
        return bytes(data)

    @whole
    async def settings(self, kind: str) -> Mapping[str, bytes]:
        """Return all documents of a kind by name."""
        async with self.connections.reading() as connection:
            found = await connection.execute(select(c.name, c.data).where(c.kind == kind).order_by(c.name))
            return {name: bytes(data) for name, data in found}

    @whole
    async def set_setting(self, kind: str, name: str, data: bytes | None) -> None:
        """Store a document, or delete it with None."""
        async with self.connections.writing() as connection:
            if data is None:
                await connection.execute(delete(tables.settings).where(c.kind == kind, c.name == name))
                return
            values = {"kind": kind, "name": name, "data": data}
            dialect = self.connections.dialect
            query = OnConflictUpsert.create_upsert(tables.settings, values, ["kind", "name"], dialect_name=dialect)
            await connection.execute(query)
