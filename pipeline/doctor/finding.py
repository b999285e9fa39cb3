"""One thing that was looked at."""

from typing import Literal

import msgspec

FindingState = Literal["ok", "unused", "missing", "differs", "wrong"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that the server rests on, as it is and as it should be."""

    name: str
    """What was looked at."""
    state: FindingState
    """`unused`: it is not there, and nothing that is configured needs it. The last three want mending."""
    found: str | None = None
    """Version, size or place; null where there is none."""
    expected: str | None = None
    """What it should be; null where anything does."""
    needed_for: str = "server"
    """Who needs it."""
    says: str = ""
    """What is wrong, in a sentence; empty where nothing is."""
    command: str = ""
    """What mends it; empty where no command does."""

    @property
    def is_bad(self) -> bool:
        """Whether it wants mending."""
        return self.state not in ("ok", "unused")
