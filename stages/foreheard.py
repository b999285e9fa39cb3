"""What was heard of an open stretch -> its final words, if it closes without another word."""

from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import numpy as np

from stages.heard import Heard, Wish
from stages.stretch import Stretch


class _Hearing:
    """A stretch that is being heard, or was heard last."""

    def __init__(self, stretch: Stretch, wish: Wish) -> None:
        self.stretch, self.wish = stretch, wish
        self.heard: Heard | None = None
        self.over = anyio.Event()


class Foreheard:
    """The last answer for each track.

    Before a stretch closes, there is a quiet moment in which it is complete and can be heard as a whole: who asks for
    the same sound then need not have it heard again.
    """

    def __init__(self) -> None:
        self._last: dict[str, _Hearing] = {}
        self._languages: dict[str, str] = {}

    def speaks(self, track: str, language: str) -> None:
        """Learn in which language a track was understood last."""
        self._languages[track] = language

    def language(self, track: str) -> str | None:
        """Return in which language a track was understood last; None before anything was."""
        return self._languages.get(track)

    @contextmanager
    def hearing(self, stretch: Stretch, wish: Wish) -> Iterator[_Hearing]:
        """Hear a stretch within the block, and put the answer into what is given."""
        hearing = self._last[stretch.track] = _Hearing(stretch, wish)
        try:
            yield hearing
        finally:
            hearing.over.set()

    async def answer(self, stretch: Stretch, wish: Wish) -> Heard | None:
        """Return what was heard of exactly this sound, waiting if it is being heard now; None where it was not."""
        hearing = self._last.get(stretch.track)
        if hearing is None or hearing.wish != wish or not _same(hearing.stretch, stretch):
            return None
        await hearing.over.wait()
        return hearing.heard


def _same(one: Stretch, other: Stretch) -> bool:
    return one.first == other.first and bool(np.array_equal(one.sound, other.sound))
