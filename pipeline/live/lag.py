"""How far final words are behind the sound."""

from collections import defaultdict, deque

from stages.speech import Span, Speech, Transcribed


class Lag:
    """Knows which stretches have closed and wait for their words."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[float]] = defaultdict(deque)
        self._is_over = False

    def stop(self) -> None:
        """Learn that no more words will come."""
        self._is_over = True

    def note(self, item: Span) -> None:
        """Learn from what the stages make."""
        if isinstance(item, Speech):
            self._waiting[item.track].append(item.end)
        elif isinstance(item, Transcribed):
            waiting = self._waiting[item.track]
            while waiting and waiting[0] <= item.end:
                waiting.popleft()

    def seconds(self, heard: float) -> float:
        """Return the age of the oldest stretch that has no words yet, once so many seconds were heard."""
        if self._is_over:
            return 0.0
        oldest = min((waiting[0] for waiting in self._waiting.values() if waiting), default=heard)
        return round(max(0.0, heard - oldest), 3)
