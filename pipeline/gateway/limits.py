"""What a key allows of models: tokens per minute and a daily budget, for all or for one; requests per minute of one.

How many requests a key may send in all is counted at the doors, before anybody looks at what is asked.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from pipeline.gateway.errors import LimitReached

REQUESTS, TOKENS, BUDGET = "requests_per_minute", "tokens_per_minute", "budget"
"""Names of limits. A name with a model before it, `qwen:tokens_per_minute`, holds for that model alone.

The budget is what may be spent in a day (UTC), at the prices of the configured models.
"""


class Bucket:
    """So many a minute: a minute's worth at once, then as they refill."""

    def __init__(self, per_minute: float, now: float) -> None:
        self.per_minute = per_minute
        """Also the most that is there at a time."""
        self._level, self._at = per_minute, now

    def seconds_until(self, amount: float, now: float) -> float:
        """Return how long until so much is there; 0 if it is."""
        self._level = min(self.per_minute, self._level + (now - self._at) * self.per_minute / 60)
        self._at = now
        missing = amount - self._level
        return 0.0 if missing <= 0 else missing * 60 / self.per_minute if self.per_minute > 0 else 60.0

    def take(self, amount: float) -> None:
        """Take so much, even if it is not there: what is owed refills first."""
        self._level -= amount


class Limits:
    """Counts what each key uses; a key without limits costs nothing."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._clock, self._now = clock, now
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._spent: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._day = now().date()

    def admit(self, key: str, limits: Mapping[str, float], model: str) -> None:
        """Let a request in, and count it.

        Raises:
            LimitReached: the key has used up what it may.
        """
        if not limits:
            return
        now = self._clock()
        requests = self._of(key, limits, (f"{model}:{REQUESTS}",), now)
        for bucket in requests:
            self._refuse(bucket.seconds_until(1, now), f"The limit of {bucket.per_minute:g} requests per minute")
        for bucket in self._of(key, limits, (TOKENS, f"{model}:{TOKENS}"), now):
            # What a request will cost is known afterwards: it may begin while anything is left.
            self._refuse(bucket.seconds_until(1, now), f"The limit of {bucket.per_minute:g} tokens per minute")
        for name, of in ((BUDGET, None), (f"{model}:{BUDGET}", model)):
            if name in limits and self.spent(key, of) >= limits[name]:
                self._refuse(self._until_midnight(), f"The daily budget of {limits[name]:g}")
        for bucket in requests:
            bucket.take(1)

    def spend(self, key: str, limits: Mapping[str, float], model: str, tokens: int, cost: float) -> None:
        """Count what a request has cost."""
        self._today()[key, model] += cost
        for bucket in self._of(key, limits, (TOKENS, f"{model}:{TOKENS}"), self._clock()):
            bucket.take(tokens)

    def spent(self, key: str, model: str | None = None) -> float:
        """Return what a key has spent today, on all models or on one."""
        today = self._today()
        if model is not None:
            return today[key, model]
        return sum(cost for (whose, _), cost in today.items() if whose == key)

    def set_spent(self, spent: Mapping[tuple[str, str], float]) -> None:
        """Say what all keys have spent today, by key and model."""
        self._today().clear()
        self._spent.update(spent)

    def _today(self) -> defaultdict[tuple[str, str], float]:
        today = self._now().date()
        if today != self._day:
            self._day = today
            self._spent.clear()
        return self._spent

    def _of(self, key: str, limits: Mapping[str, float], names: Sequence[str], now: float) -> list[Bucket]:
        found = []
        for name in names:
            if name not in limits:
                continue
            bucket = self._buckets.get((key, name))
            if bucket is None or bucket.per_minute != limits[name]:
                bucket = self._buckets[key, name] = Bucket(limits[name], now)
            found.append(bucket)
        return found

    def _refuse(self, seconds: float, what: str) -> None:
        if seconds > 0:
            raise LimitReached(f"{what} of this key is used up. Try again in {max(1, round(seconds))} s.", seconds)

    def _until_midnight(self) -> float:
        now = self._now()
        return 86_400.0 - (now.hour * 3600 + now.minute * 60 + now.second)
