"""Failures of a provider -> whether it is worth asking: after some in a row it is left alone for a while."""

import time
from collections.abc import Callable
from typing import Literal

FAILURES = 3
"""In a row, before a provider is left alone."""
FIRST_SECONDS = 1.0
"""How long it is left alone at first; each failure after that doubles it."""
LONGEST_SECONDS = 30.0


class Breaker:
    """Lets requests through while a provider works, none while it is left alone, then one at a time until it works.

    Source: Nygard, Release It!, 2nd edition, chapter 5 (circuit breaker).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0

    @property
    def state(self) -> Literal["closed", "open"]:
        """Return `closed` while requests go through."""
        return "open" if self._failures >= FAILURES or self.seconds_left() else "closed"

    def seconds_left(self) -> float:
        """Return how long it is still left alone."""
        return max(0.0, self._until - self._clock())

    def admits(self) -> bool:
        """Return whether to ask it now; once it was left alone, a single caller tries while the others wait."""
        if self._clock() < self._until:
            return False
        if self._failures >= FAILURES:
            self._leave_alone()
        return True

    def succeeded(self) -> None:
        """It answered."""
        self._failures = 0
        self._until = 0.0

    def failed(self) -> None:
        """It could not be reached, or broke off."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._leave_alone()

    def pause(self, seconds: float) -> None:
        """It asked to be left alone for so long."""
        self._until = max(self._until, self._clock() + min(seconds, LONGEST_SECONDS))

    def _leave_alone(self) -> None:
        doubled = FIRST_SECONDS * 2 ** min(self._failures - FAILURES, 10)
        self._until = self._clock() + min(doubled, LONGEST_SECONDS)
