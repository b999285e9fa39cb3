"""Items of one track -> the bytes of its next part."""

import hashlib

import msgspec

from pipeline.manifest import KeptItem, Part
from stages.speech import Mark

_ENCODER = msgspec.json.Encoder()


class TrackPart:
    """What one track of a stage made since its last part, and the parts that no manifest names yet."""

    def __init__(self, track: str, start: float, number: int) -> None:
        self.track = track
        self.start = start
        """Where the part begins, in seconds."""
        self.number = number
        """Number of the part."""
        self.unnamed: list[Part] = []
        """Parts that are written and wait for a manifest to name them."""
        self._lines: list[bytes] = []
        self._items = 0
        self._until = start

    def add(self, item: KeptItem) -> None:
        """Take an item or mark."""
        if not self._lines:
            self.start = min(self.start, item.start) if isinstance(item, Mark) else item.start
        self._lines.append(_ENCODER.encode(item))
        self._items += not isinstance(item, Mark)
        self._until = max(self._until, item.end)

    def content(self) -> bytes:
        """Return the file, a line for each item; nothing if there is none."""
        return b"".join(line + b"\n" for line in self._lines)

    def written(self, key: str, content: bytes) -> None:
        """Learn that the part is stored, and begin the next."""
        self.unnamed.append(
            Part(
                key=key,
                track=self.track,
                number=self.number,
                start=self.start,
                until=self._until,
                items=self._items,
                sha256=hashlib.sha256(content).hexdigest(),
            )
        )
        self.number += 1
        self.start, self._lines, self._items = self._until, [], 0
