"""Links that let whoever has them read one meeting."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime

import msgspec

from storage.records import NoRecord, Records
from storage.rows import MeetingRow, ShareRow


class Shared(msgspec.Struct, frozen=True):
    """A share link that was just made."""

    row: ShareRow
    """What is kept of it."""
    token: str
    """`<id>.<secret>`: shown once, opens the meeting."""


async def share(records: Records, meeting: str, expires_at: datetime | None) -> Shared:
    """Make a link. Only a digest of its secret is kept."""
    id, secret = secrets.token_hex(8), secrets.token_urlsafe(24)
    row = ShareRow(id=id, hash=_digest(secret), meeting=meeting, created_at=datetime.now(UTC), expires_at=expires_at)
    await records.add_share(row)
    return Shared(row, f"{id}.{secret}")


async def opened(records: Records, token: str) -> MeetingRow:
    """Return the meeting that a token opens.

    Raises:
        NoRecord: it opens none, or none any more.
    """
    id, _, secret = token.partition(".")
    row = await records.share(id)
    if not hmac.compare_digest(row.hash, _digest(secret)):
        raise NoRecord("This link opens nothing.")
    meeting = await records.meeting(row.meeting)
    if meeting.deleted_at is not None:
        raise NoRecord("This link opens nothing.")
    return meeting


def _digest(secret: str) -> bytes:
    # A random secret of 192 bits needs no slow hash.
    return hashlib.sha256(secret.encode()).digest()
