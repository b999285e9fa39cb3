"""RTP time of sound and when it arrived -> its place in the meeting: the sender's clock drifts, the network jitters."""

from collections import deque

from stages.speech import SAMPLE_RATE

WINDOW_SECONDS = 8.0
"""The fastest packet of this long tells how far the sender's clock is off: delays only ever add to it.

Source: minimum filtering of one-way delays, as in RFC 5905, section 10.
"""
AHEAD_SECONDS = 2.0
"""Sound cannot come before it is spoken: a sender whose clock says so began to count anew."""
BEHIND_SECONDS = 1.0
"""A sender so far behind was silent without saying so: its clock stood still."""


class RtpClock:
    """Maps one sender's clock onto the meeting's. Times in are seconds of any origin, places out are samples."""

    def __init__(self, first: int) -> None:
        """The first sound lies at a sample of the meeting."""
        self._first = first
        self._origin: tuple[float, float] | None = None
        self._late: deque[tuple[float, float]] = deque()
        self._recent: deque[tuple[float, float]] = deque()
        self._base = 0.0

    def place(self, told: float, arrived: float) -> float:
        """Return the sample of the meeting at which sound lies that was counted so by its sender and came then."""
        if self._origin is None:
            self._origin = told, arrived
        elapsed = told - self._origin[0]
        late = arrived - self._origin[1] - elapsed
        if late - self._drift(late) < -AHEAD_SECONDS:
            # Anew, from where the meeting is now.
            self._first += round((arrived - self._origin[1]) * SAMPLE_RATE)
            self._origin = told, arrived
            self._late.clear()
            self._recent.clear()
            self._base = elapsed = late = 0.0
        self._note(late, arrived)
        return self._first + (elapsed + self._drift(late)) * SAMPLE_RATE

    def _note(self, late: float, arrived: float) -> None:
        """Keep the least delays of the window, each later than those after it."""
        while self._late and self._late[-1][1] >= late:
            self._late.pop()
        self._late.append((arrived, late))
        while self._late[0][0] < arrived - WINDOW_SECONDS:
            self._late.popleft()
        self._recent.append((arrived, late))
        while self._recent[0][0] < arrived - BEHIND_SECONDS:
            self._recent.popleft()
        least = min(each for _, each in self._recent)
        if least > self._late[0][1] + BEHIND_SECONDS and len(self._recent) > 4:
            self._late = deque([(arrived, least)])
        assert self._origin is not None
        if arrived - self._origin[1] <= WINDOW_SECONDS:
            self._base = self._late[0][1]

    def _drift(self, late: float) -> float:
        """Return how far the sender's clock is behind the meeting's, in seconds."""
        return self._late[0][1] - self._base if self._late else 0.0
