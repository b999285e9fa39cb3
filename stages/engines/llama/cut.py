"""Pieces of text -> the same up to a stop: what may be the beginning of one is held back."""

from collections.abc import Sequence


class Cut:
    """Looks for the texts at which an answer ends."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self.is_reached = False
        """Whether one was found: nothing comes after it."""

    def feed(self, text: str) -> str:
        """Take what comes; return what is surely before any stop."""
        if self.is_reached:
            return ""
        self._held += text
        found = [place for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if found:
            self.is_reached = True
            free, self._held = self._held[: min(found)], ""
            return free
        kept = max((_overlap(self._held, stop) for stop in self._stops), default=0)
        free, self._held = self._held[: len(self._held) - kept], self._held[len(self._held) - kept :]
        return free

    def rest(self) -> str:
        """Return what was held back, at the end."""
        rest, self._held = self._held, ""
        return rest


def _overlap(text: str, stop: str) -> int:
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)
