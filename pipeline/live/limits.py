"""How much live sound one node takes, and why it refuses more."""

import msgspec


class TooManyStreams(Exception):
    """No more live sound can be heard at the moment (429)."""


class NotLive(Exception):
    """The meeting is over (409)."""


class NotHere(Exception):
    """Another node hears the meeting, or nobody does just now; the client connects again (503)."""


class LiveLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much live sound one node takes: the table [live]."""

    meetings: int = 12
    """Live meetings at once."""
    meetings_per_owner: int = 6
    """Live meetings of one owner at once."""
    tracks: int = 16
    """Tracks in one meeting."""
    waiting: int = 100
    """Connections that have not said yet what they want; more are turned away."""
    abandoned_seconds: float = 300.0
    """A meeting that nobody sends sound to for so long ends itself, and is processed."""
    empty_seconds: float = 30.0
    """The same for a meeting in which nothing was ever heard; it is deleted."""
    silent_seconds: float = 60.0
    """A connection that says nothing for so long, neither sound nor `ping`, is closed; its meeting waits for it."""
    stuck_seconds: float = 20.0
    """A connection that takes nothing of what it is told for so long is closed."""
    largest_hole_seconds: float = 3600.0
    """Sound that may be missing between two frames of one track; it is filled with silence."""

    def __post_init__(self) -> None:
        if min(self.meetings, self.meetings_per_owner, self.tracks, self.waiting) < 1:
            raise ValueError("[live] needs at least 1 of meetings, meetings_per_owner, tracks and waiting.")
