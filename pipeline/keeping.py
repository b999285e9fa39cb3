"""How much is accepted of users, and how long it is kept."""

from datetime import UTC, datetime, timedelta

import msgspec

from pipeline.corrections import BadEdit


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
        if wished is not None and wished <= datetime.now(UTC):
            raise BadEdit("`expires_at` is over already. Choose a time that comes, or delete the meeting.")
        if self.retention_days is None:
            return wished
        last = created + timedelta(days=self.retention_days)
        if wished is None or wished > last:
            raise BadEdit(f"No meeting is kept longer than {self.retention_days:g} days here. Choose an earlier time.")
        return wished
