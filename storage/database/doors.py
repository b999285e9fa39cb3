"""Keys, sign-ins and share links."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Select, Table, delete, insert, or_, select, update

from storage.database.part import Part, whole
from storage.database.tables import keys, sessions, shares
from storage.records import NoRecord, Taken
from storage.rows import KeyRow, SessionRow, ShareRow

CHANGEABLE = {"last_used_at", "limits", "name", "revoked_at"}


class Doors(Part):
    """Who may come in."""

    @whole
    async def add_key(self, key: KeyRow) -> None:
        """Keep a key."""
        await self._add(keys, key, "There is a key with this id.")

    @whole
    async def key(self, id: str) -> KeyRow:
        """Return a key by its public part."""
        return KeyRow(**await self._one(select(keys).where(keys.c.id == id), "There is no such key."))

    @whole
    async def keys(self) -> Sequence[KeyRow]:
        """Return all keys, oldest first."""
        async with self.connections.reading() as connection:
            found = await connection.execute(select(keys).order_by(keys.c.created_at, keys.c.id))
            return [KeyRow(**each) for each in found.mappings()]

    @whole
    async def change_key(self, id: str, changes: Mapping[str, Any]) -> None:
        """Set some fields of a key."""
        if unknown := set(changes) - CHANGEABLE:
            raise ValueError(f"{min(unknown)} of a key cannot be changed.")
        async with self.connections.writing() as connection:
            changed = await connection.execute(update(keys).where(keys.c.id == id).values(changes or {"id": id}))
            if not changed.rowcount:
                raise NoRecord("There is no such key.")

    @whole
    async def add_session(self, session: SessionRow) -> None:
        """Keep a sign-in; those that have expired go."""
        async with self.connections.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.c.expires_at <= datetime.now(UTC)))
        await self._add(sessions, session, "There is a sign-in with this digest.")

    @whole
    async def session(self, hash: bytes) -> SessionRow:
        """Return a sign-in that has not expired."""
        is_valid = sessions.c.expires_at > datetime.now(UTC)
        found = await self._one(select(sessions).where(sessions.c.hash == hash, is_valid), "There is no such sign-in.")
        return SessionRow(**found)

    @whole
    async def end_session(self, hash: bytes) -> None:
        """Forget a sign-in."""
        async with self.connections.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.c.hash == hash))

    @whole
    async def add_share(self, share: ShareRow) -> None:
        """Keep a share link."""
        await self._add(shares, share, "There is a share link with this id.")

    @whole
    async def share(self, id: str) -> ShareRow:
        """Return a share link that has not expired."""
        is_valid = or_(shares.c.expires_at.is_(None), shares.c.expires_at > datetime.now(UTC))
        found = await self._one(select(shares).where(shares.c.id == id, is_valid), "There is no such share link.")
        return ShareRow(**found)

    @whole
    async def shares(self, meeting: str) -> Sequence[ShareRow]:
        """Return the links of a meeting, oldest first."""
        query = select(shares).where(shares.c.meeting == meeting).order_by(shares.c.created_at, shares.c.id)
        async with self.connections.reading() as connection:
            return [ShareRow(**each) for each in (await connection.execute(query)).mappings()]

    @whole
    async def end_share(self, id: str) -> None:
        """Forget a share link."""
        async with self.connections.writing() as connection:
            await connection.execute(delete(shares).where(shares.c.id == id))

    async def _add(self, table: Table, row: msgspec.Struct, taken: str) -> None:
        try:
            async with self.connections.writing() as connection:
                await connection.execute(insert(table).values(msgspec.structs.asdict(row)))
        except Taken as error:
            raise Taken(taken) from error

    async def _one(self, query: Select[Any], missing: str) -> Mapping[str, Any]:
        async with self.connections.reading() as connection:
            found = (await connection.execute(query)).mappings().one_or_none()
        if found is None:
            raise NoRecord(missing)
        return {**found}
