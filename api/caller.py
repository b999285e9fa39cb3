"""Who calls, as handlers are given it: `caller: Caller` is an argument of any handler."""

from collections.abc import Mapping
from typing import Literal

import msgspec

CallerRole = Literal["admin", "user", "read", "share"]

LOCAL = "local"
"""Owner of what is made where no keys are used; the first key inherits it."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever sent a request, and what it may do."""

    owner: str
    """Whose meetings it sees; `local` where no keys are used."""
    role: CallerRole
    """What it may do; `share` reads one meeting and nothing else."""
    key_id: str | None = None
    """Public part of its key; None without keys, and for a share link."""
    name: str = ""
    """What the admin called its key."""
    limits: Mapping[str, float] = {}
    """requests_per_minute, tokens_per_minute, budget; absent means unlimited."""
    meeting: str | None = None
    """The one meeting that a share link opens; None for all others."""
    counted_as: str = ""
    """What limits are counted by: the same for every request of one key or link."""


LOCAL_ADMIN = Caller(owner=LOCAL, role="admin", name="this machine", counted_as=LOCAL)
"""Whoever uses the machine itself, while there are no keys."""
