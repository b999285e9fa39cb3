"""A key -> secrets that open a realtime session for a short time: a browser is given one instead of the key."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from api.caller import Caller
from api.doors.callers import utc_now
from api.doors.knock import CLIENT_SECRET
from api.doors.secrets import digest, new_secret
from storage.records import Records
from storage.rows import SessionRow

MOST_KEPT = 10_000
"""Settings that are kept for secrets; the oldest go first."""


class ClientSecret(msgspec.Struct, frozen=True):
    """A secret that was just made."""

    value: str
    """The secret: shown this once."""
    expires_at: int
    """Seconds since 1970; a session that has begun goes on."""


class ClientSecrets:
    """Makes secrets, and keeps what each session is to begin with: on this node, and while the server runs."""

    def __init__(self, records: Records, now: Callable[[], datetime] = utc_now) -> None:
        self._records, self._now = records, now
        self._settings: dict[str, tuple[float, Any]] = {}

    async def make(self, caller: Caller, seconds: int, settings: Any) -> ClientSecret:
        """Make a secret of a caller; where no keys are used it is kept nowhere, as nobody asks for it."""
        value = CLIENT_SECRET + new_secret()
        expires = self._now() + timedelta(seconds=seconds)
        if caller.key_id is not None:
            await self._records.add_session(SessionRow(hash=digest(value), key=caller.key_id, expires_at=expires))
        while len(self._settings) >= MOST_KEPT:
            del self._settings[next(iter(self._settings))]
        self._settings[digest(value).hex()] = (time.monotonic() + seconds, settings)
        return ClientSecret(value, int(expires.timestamp()))

    def settings(self, shown: str | None) -> Any:
        """Return what a session begins with, by the digest of its secret; None if nothing is known."""
        until, settings = self._settings.get(shown or "", (0.0, None))
        return settings if time.monotonic() < until else None
