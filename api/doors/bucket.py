"""Token buckets: so many a minute. Each node counts for itself, so behind two nodes a caller may do twice as much.

Source: the token bucket of RFC 2697, section 3, with one rate. A bucket holds one minute's worth, at least one: who was
idle may send that at once.
"""

import math
import time
from collections.abc import Callable

MOST_BUCKETS = 20_000
"""A full bucket says nothing that a new one does not: when there are too many, the oldest go."""


class Buckets:
    """One bucket for each name. Taking is one step of the event loop: two requests never take the same token."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str, per_minute: float, amount: float = 1.0) -> int:
        """Take from a bucket; return 0, or if it has not enough, the whole seconds until it has.

        `per_minute` is more than 0, and `amount` no more than a full bucket.
        """
        now, rate, most = self._clock(), per_minute / 60.0, max(per_minute, 1.0)
        left, since = self._buckets.get(name, (most, now))
        left = min(most, left + (now - since) * rate)
        is_enough = left >= amount
        if name not in self._buckets and len(self._buckets) >= MOST_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[name] = (left - amount if is_enough else left, now)
        if is_enough:
            return 0
        return max(1, math.ceil((amount - left) / rate))

    def give_back(self, name: str, per_minute: float, amount: float = 1.0) -> None:
        """Put back what was taken for nothing."""
        most = max(per_minute, 1.0)
        left, since = self._buckets.get(name, (most, self._clock()))
        self._buckets[name] = (min(most, left + amount), since)
