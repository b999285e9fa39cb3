"""Keys as admins see them: made, listed, revoked."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from api.caller import LOCAL
from api.doors.callers import utc_now
from api.doors.secrets import NewKey, new_key
from storage.records import Records
from storage.rows import KeyRole, KeyRow

LIMITS = ("requests_per_minute", "tokens_per_minute", "budget")


class KeyRefused(ValueError):
    """Somebody would be locked out or let in by accident; the sentence says what to do instead."""


class MadeKey(msgspec.Struct, frozen=True):
    """A key that was just made."""

    row: KeyRow
    """What is kept of it."""
    text: str
    """The key itself: shown this once."""


class Keyring:
    """All keys of a server."""

    def __init__(
        self,
        records: Records,
        now: Callable[[], datetime] = utc_now,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._records = records
        self._now = now
        self._changed = changed

    async def add(
        self, name: str, role: KeyRole, owner: str | None = None, limits: Mapping[str, float] | None = None
    ) -> MadeKey:
        """Make a key and keep it. Owner None is the name; for the first key it is `local`, who owns what has none.

        Raises:
            KeyRefused: the first key is no admin's, or the owner was not named and would be somebody's already.
        """
        made = await self.make(name, role, owner, limits)
        await self.keep(made)
        return made

    async def make(
        self, name: str, role: KeyRole, owner: str | None = None, limits: Mapping[str, float] | None = None
    ) -> MadeKey:
        """Make a key that opens nothing before it is kept. Raises `KeyRefused` like `add`."""
        rows = await self._records.keys()
        if not rows and role != "admin":
            raise KeyRefused("The first key must be an admin's: nobody else could make others. Use the role admin.")
        made = new_key()
        row = _row(made, name, role, owner or _owner(name, rows), limits or {}, self._now())
        return MadeKey(row, made.text)

    async def keep(self, made: MadeKey) -> None:
        """Let a key open what its role allows."""
        await self._records.add_key(made.row)
        self._changed()

    async def all(self) -> Sequence[KeyRow]:
        """Return all keys, oldest first, the revoked ones with them."""
        return await self._records.keys()

    async def revoke(self, id: str, *, even_last: bool = False) -> KeyRow:
        """End a key, and every sign-in with it.

        Raises:
            NoRecord: there is no such key.
            KeyRefused: it is the last admin's, and `even_last` does not say that this is meant.
        """
        row = await self._records.key(id)
        if row.revoked_at is not None:
            return row
        left = [each for each in await self._records.keys() if each.role == "admin" and each.revoked_at is None]
        if not even_last and [each.id for each in left] == [id]:
            raise KeyRefused("This is the last key of an admin. Make another first, then revoke this one.")
        revoked_at = self._now()
        await self._records.change_key(id, {"revoked_at": revoked_at})
        self._changed()
        return msgspec.structs.replace(row, revoked_at=revoked_at)


def _row(made: NewKey, name: str, role: KeyRole, owner: str, limits: Mapping[str, float], now: datetime) -> KeyRow:
    return KeyRow(id=made.id, name=name, hash=made.hash, role=role, owner=owner, created_at=now, limits=limits)


def _owner(name: str, rows: Sequence[KeyRow]) -> str:
    if not rows:
        return LOCAL
    if name == LOCAL or name in {row.owner for row in rows}:
        raise KeyRefused(
            f"Somebody's meetings belong to the owner {name!r} already. Name that owner to let this key see them, or "
            "name another."
        )
    return name
