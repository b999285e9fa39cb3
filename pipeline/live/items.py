"""Items of a realtime stream, and who is told of them."""

from uuid import uuid4

import msgspec

from stages.speech import Speech, Utterance, Word, seconds


class Item(msgspec.Struct, kw_only=True):
    """A stretch of sound that is transcribed by itself."""

    id: str
    """Unguessable and unique."""
    first: int
    """First sample of the recording, at 16 kHz."""
    last: int = 0
    """Sample after the last one; 0 while it is open."""
    previous: str | None = None
    """Id of the item before it."""
    speech: Speech | None = None
    """The stretch that the detector found; None for an item that was cut by hand."""
    told: str = ""
    """Text that was told before its end."""
    words: list[Word] = []
    """What was said, as far as it is known."""

    @property
    def text(self) -> str:
        """The words."""
        return " ".join(word.text for word in self.words)

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return seconds(self.last - self.first)


class Listener:
    """Is told what happens to items. All may wait: the next thing is told afterwards."""

    async def started(self, item: Item) -> None:
        """Speech begins."""

    async def stopped(self, item: Item) -> None:
        """Speech has ended."""

    async def committed(self, item: Item) -> None:
        """The item will be transcribed."""

    async def delta(self, item: Item, text: str) -> None:
        """Text follows on what was told."""

    async def segment(self, item: Item, number: int, line: Utterance) -> None:
        """Somebody said this."""

    async def completed(self, item: Item) -> None:
        """All is known of the item."""

    async def failed(self, item: Item, reason: str) -> None:
        """The item cannot be transcribed."""


def new_item_id() -> str:
    """Return the id of an item."""
    return f"item_{uuid4().hex[:20]}"
