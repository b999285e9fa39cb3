"""List in, list out: runs a stage by itself, as a test wants it."""

from collections.abc import AsyncIterator, Iterable
from typing import Generic, TypeVar

import anyio
import anyio.lowlevel

from stages.speech import Mark, Span
from stages.stage import Inbox, Stage

Item = TypeVar("Item", bound=Span)
In = TypeVar("In", bound=Span)
Out = TypeVar("Out", bound=Span)


class ListInbox(Generic[Item]):
    """An inbox that brings the items of a list, and ends."""

    def __init__(self, items: Iterable[Item | Mark], *, live: bool = False, burst: int | None = None) -> None:
        self.live = live
        self.burst = burst
        """Items that arrive together before `receive_nowait` finds nothing; None where all are here at once."""
        self._items = iter(items)
        self._here = 0

    async def receive(self) -> Item | Mark:
        """Return the next item. Raises `anyio.EndOfStream` after the last one."""
        await anyio.lowlevel.checkpoint()
        self._here = self.burst or 0
        return self._take()

    def receive_nowait(self) -> Item | Mark:
        """Return the next item of this burst. Raises `anyio.WouldBlock` between bursts."""
        if self.burst is not None and self._here == 0:
            raise anyio.WouldBlock
        return self._take()

    def _take(self) -> Item | Mark:
        self._here -= 1
        try:
            return next(self._items)
        except StopIteration:
            raise anyio.EndOfStream from None


async def collect(stage: Stage[In, Out], items: Iterable[In | Mark], live: bool = False) -> list[Out | Mark]:
    """Return everything, marks included, that a stage makes of these items."""
    return [item async for item in flow(stage, ListInbox(items, live=live))]


async def flow(stage: Stage[In, Out], inbox: Inbox[In]) -> AsyncIterator[Out | Mark]:
    """Yield what a stage makes of an inbox, and close the stage even when the reader stops early."""
    running = stage.run(inbox)
    try:
        async for item in running:
            yield item
    finally:
        await running.aclose()
