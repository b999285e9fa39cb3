"""How much is accepted of users, and how long it is kept."""

import msgspec


class Keeping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is accepted and how long it is kept."""

    largest_upload: int = 10_000_000_000
    """Bytes."""
    trash_days: float = 30.0
    """Days that a meeting lies in the trash before it is deleted for good."""
    retention_days: float | None = None
    """Days after which a new meeting is deleted for good; None keeps it."""
