"""How many live meetings, and how many connections that have not begun one, a node has room for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipeline.live.limits import LiveLimits, NotHere, TooManyStreams


class Places:
    """Counts those that are about to begin, too: a hundred who come at once find no gap."""

    def __init__(self, limits: LiveLimits) -> None:
        self._limits = limits
        self._waiting = 0
        self._beginning: list[str] = []
        self._is_closed = False

    def close(self) -> None:
        """Let nobody begin any more: the server is about to stop."""
        self._is_closed = True

    def check_open(self) -> None:
        """Return if this node takes meetings.

        Raises:
            NotHere: it is about to stop.
        """
        if self._is_closed:
            raise NotHere("This server is about to stop. Connect again: another one takes the meeting.")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Hold a place for a connection that has not said yet what it wants.

        Raises:
            TooManyStreams: all places are taken.
        """
        if self._waiting >= self._limits.waiting:
            raise TooManyStreams("Too many connections wait to begin. Try again in a minute.")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    @contextmanager
    def beginning(self, owner: str, open_meetings: Sequence[str]) -> Iterator[None]:
        """Hold a place for a meeting until it is among the open ones, which are given by their owners.

        Raises:
            TooManyStreams: this node, or this owner, hears as many as it may.
            NotHere: this node is about to stop.
        """
        self.check_open()
        owners, limits = [*open_meetings, *self._beginning], self._limits
        own = owners.count(owner)
        if own >= limits.meetings_per_owner or len(owners) >= limits.meetings:
            most = limits.meetings_per_owner if own >= limits.meetings_per_owner else limits.meetings
            raise TooManyStreams(
                f"{most} live meetings are open, as many as allowed. End one, or try again in a minute."
            )
        self._beginning.append(owner)
        try:
            yield
        finally:
            self._beginning.remove(owner)
