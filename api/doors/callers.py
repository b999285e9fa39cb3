"""Credential -> caller, or nobody."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from api.caller import Caller
from api.doors.knock import Credential
from api.doors.last_used import LastUsed
from api.doors.remembered import Remembered
from api.doors.secrets import digest, is_same, parts
from storage.records import NoRecord, Records
from storage.rows import KeyRow, MeetingRow

SHARE_REQUESTS_PER_MINUTE = 600.0
"""A link may end up anywhere: it cannot take more than this from everybody else."""

OpenShare = Callable[[str], Awaitable[MeetingRow]]
"""Share token -> its meeting. Raises NoRecord."""


def utc_now() -> datetime:
    """Return what time it is."""
    return datetime.now(UTC)


class Callers:
    """Knows who is who; what it says is at most one second old."""

    def __init__(
        self,
        records: Records,
        open_share: OpenShare,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._records = records
        self._open_share = open_share
        self._now = now
        self._known = Remembered[Caller](clock)
        self._keyed = Remembered[bool](clock)
        self._is_keyed = False
        self.last_used = LastUsed(records, now)
        """Written down by the server's lifespan."""

    async def is_keyed(self) -> bool:
        """Tell whether keys are used: from the first one on, for good, even if all are revoked.

        Raises:
            DatabaseAway: it is not known.
        """
        if not self._is_keyed:
            self._is_keyed = bool(await self._keyed.get(b"keyed", self._has_keys))
        return self._is_keyed

    async def of(self, credential: Credential) -> Caller | None:
        """Return who shows this; None for nobody.

        Raises:
            DatabaseAway: it is not known.
        """
        name = credential.kind.encode() + digest(credential.text)
        asks = {"key": self._by_key, "session": self._by_session, "share": self._by_share, "secret": self._by_session}
        ask = asks[credential.kind]
        caller = await self._known.get(name, lambda: ask(credential.text))
        if caller is not None and caller.key_id is not None:
            self.last_used.note(caller.key_id)
        return caller

    def forget(self) -> None:
        """Ask the database again: a key or a session was made or ended here."""
        self._known.forget()
        self._keyed.forget()

    async def _has_keys(self) -> bool:
        return bool(await self._records.keys())

    async def _by_key(self, text: str) -> Caller | None:
        id, secret = parts(text)
        row = await self._row(id)
        # Also where there is no such key: an unknown one takes as long as a wrong secret.
        is_right = is_same(secret, row.hash if row is not None else None)
        return _caller(row) if is_right and row is not None else None

    async def _by_session(self, text: str) -> Caller | None:
        try:
            session = await self._records.session(digest(text))
        except NoRecord:
            return None
        row = await self._row(session.key) if session.expires_at > self._now() else None
        return _caller(row) if row is not None else None

    async def _by_share(self, text: str) -> Caller | None:
        try:
            meeting = await self._open_share(text)
        except NoRecord:
            return None
        return Caller(
            owner=meeting.owner,
            role="share",
            name="a share link",
            limits={"requests_per_minute": SHARE_REQUESTS_PER_MINUTE},
            meeting=meeting.id,
            counted_as="share " + text.partition(".")[0],
        )

    async def _row(self, id: str) -> KeyRow | None:
        try:
            return await self._records.key(id)
        except NoRecord:
            return None


def _caller(row: KeyRow) -> Caller | None:
    if row.revoked_at is not None:
        return None
    return Caller(
        owner=row.owner, role=row.role, key_id=row.id, name=row.name, limits=row.limits, counted_as="key " + row.id
    )
