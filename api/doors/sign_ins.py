"""Browsers that sign in with a key, for a cookie that no script can read."""

import ipaddress
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from api.caller import Caller
from api.doors.bucket import Buckets
from api.doors.callers import Callers, utc_now
from api.doors.knock import Credential
from api.doors.refusals import NotSignedIn, TooMany
from api.doors.secrets import digest, new_secret
from api.doors.settings import DoorSettings
from storage.records import Records
from storage.rows import SessionRow

FAILURES_PER_MINUTE = 10.0
"""Wrong keys from one address. None can be guessed; this keeps whoever tries from keeping the server busy."""


class SignedIn(msgspec.Struct, frozen=True):
    """A sign-in that succeeded."""

    caller: Caller
    """Who signed in."""
    cookie: str
    """Secret for the browser."""
    seconds: int
    """How long it lasts."""


class SignIns:
    """Signs browsers in and out."""

    def __init__(
        self,
        settings: DoorSettings,
        records: Records,
        callers: Callers,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._records = records
        self._callers = callers
        self._now = now
        self._lasts = timedelta(hours=settings.session_hours)
        self._proxies = [ipaddress.ip_network(each, strict=False) for each in settings.trusted_proxies]
        self._failures = Buckets(clock)

    async def sign_in(self, key: str, address: str) -> SignedIn:
        """Check a key and begin a session.

        Raises:
            NotSignedIn: the key is wrong or was revoked.
            TooMany: too many wrong ones came from this address.
        """
        # Taken first and given back after: as many at once as anybody likes are still counted.
        wait = self._failures.take(address, FAILURES_PER_MINUTE)
        if wait:
            raise TooMany(f"Too many wrong keys. Wait {wait} s, then try again.", wait)
        caller = await self._callers.of(Credential("key", key))
        if caller is None or caller.key_id is None:
            raise NotSignedIn("This key is not known here, or was revoked. Check it and try again.", is_wrong=True)
        self._failures.give_back(address, FAILURES_PER_MINUTE)
        secret = new_secret()
        row = SessionRow(hash=digest(secret), key=caller.key_id, expires_at=self._now() + self._lasts)
        await self._records.add_session(row)
        return SignedIn(caller, secret, int(self._lasts.total_seconds()))

    async def sign_out(self, cookie: str) -> None:
        """End a session."""
        await self._records.end_session(digest(cookie))
        self._callers.forget()

    def address(self, client: str, forwarded_for: Sequence[str]) -> str:
        """Return whom to count: the nearest address that is no trusted proxy; of IPv6 its network of 64 bits."""
        said = [each.strip() for line in forwarded_for for each in line.split(",")]
        for address in (client, *reversed(said)):
            found = _parsed(address)
            if found is None:
                return client
            if not any(found in network for network in self._proxies):
                return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
        return client


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found
