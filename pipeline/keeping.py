"""How much is accepted of users, and how long it is kept."""

from datetime import UTC, datetime, timedelta

import msgspec

from pipeline.corrections import BadEdit


def to_come(wished: datetime) -> datetime:
    """Return a time that somebody wishes for, in UTC.

    Raises:
        BadEdit: it is over, or no day of any calendar.
    """
    try:
        time = wished.astimezone(UTC)
    except OverflowError as error:
        raise BadEdit("`expires_at` is a day of no calendar. Choose an earlier time.") from error
    if time <= datetime.now(UTC):
        raise BadEdit("`expires_at` is over already. Choose a time that comes.")
    return time


class Keeping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is accepted and how long it is kept."""

    largest_upload: int = 10_000_000_000
    """Bytes."""
    trash_days: float = 30.0
    """Days that a meeting lies in the trash before it is deleted for good."""
    retention_days: float | None = None
    """Days after which a new meeting is deleted for good; None keeps it."""

    def until(self, created: datetime, wished: datetime | None) -> datetime | None:
        """Return until when a meeting is kept for whom wishes so; None for ever.

        Raises:
            BadEdit: the time is over, or later than the server keeps any meeting.
        """
        if wished is not None:
            wished = to_come(wished)
        if self.retention_days is None:
            return wished
        last = created + timedelta(days=self.retention_days)
        if wished is None or wished > last:
            raise BadEdit(f"No meeting is kept longer than {self.retention_days:g} days here. Choose an earlier time.")
        return wished
