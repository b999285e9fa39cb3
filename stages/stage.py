"""The contract of a stage: items in, items out, at the speed of whoever is slowest."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Generic, Protocol, TypeVar

import anyio
import numpy as np
from numpy.typing import NDArray

from stages.speech import AudioChunk, Mark, Span

In = TypeVar("In", bound=Span)
In_co = TypeVar("In_co", bound=Span, covariant=True)
Out = TypeVar("Out", bound=Span)


class Inbox(Protocol[In_co]):
    """What a stage reads: items in the order in which they were sent, and the marks between them."""

    @property
    def live(self) -> bool:
        """Whether sound still arrives at the pace of the clock, so that waiting costs latency."""

    async def receive(self) -> In_co | Mark:
        """Return the next item, waiting for it.

        Raises:
            anyio.EndOfStream: there is none, and there will be none.
        """

    def receive_nowait(self) -> In_co | Mark:
        """Return an item that is already here.

        Raises:
            anyio.WouldBlock: none is here yet.
            anyio.EndOfStream: there is none, and there will be none.
        """


class Stage(ABC, Generic[In, Out]):
    """An async generator for its author, a task with a bounded inbox for the runner.

    State is local variables of `run`; the end of the inbox is the flush; a suspended `yield` is back-pressure.
    A stage passes on a `Mark` of a track after all that came of the items before it, and forgets the track's past.
    An `EngineError` that leaves `run` ends this stage only and becomes a `Gap`; any other exception ends the run.
    """

    name: ClassVar[str]
    """What readers of progress, artifacts and gaps call it; unique in a plan."""
    consumes: ClassVar[tuple[type[Span], ...]]
    """Types of item it wants; none for a source."""
    produces: ClassVar[tuple[type[Span], ...]]
    """Types of item it yields, besides `Mark`."""

    @abstractmethod
    def run(self, inbox: Inbox[In]) -> AsyncGenerator[Out | Mark, None]:
        """Yield results as soon as known; return after the inbox ends."""


class Sound(Protocol):
    """The sound of a meeting, whole or still growing: every reader goes at its own pace."""

    @property
    def live(self) -> bool:
        """Whether sound still arrives at the pace of the clock."""

    @property
    def duration(self) -> float:
        """Seconds of sound so far, on the longest track."""

    @property
    def folder(self) -> Path | None:
        """Folder on a disk for what is worked on meanwhile; None means the system's for temporary files."""

    async def read(self, track: str, first: int, last: int) -> NDArray[np.float32]:
        """Return the samples first..last of a track, waiting for those still to come; fewer only at its end.

        Shape (n,), in -1..1, 16 kHz.
        """

    def chunks(self, first: dict[str, int], size: int) -> AsyncGenerator[AudioChunk, None]:
        """Yield every track from its first sample on in chunks of `size` samples, until the sound ends.

        A track that `first` does not name begins at 0. Tracks take turns in time order; the last chunk may be short.
        """


async def items(inbox: Inbox[In]) -> AsyncIterator[In | Mark]:
    """Yield what the inbox brings until it ends."""
    while True:
        try:
            yield await inbox.receive()
        except anyio.EndOfStream:
            return


async def batches(inbox: Inbox[In], size: int, *, through_marks: bool = False) -> AsyncIterator[list[In | Mark]]:
    """Gather items of one track and the mark behind them: live what piled up meanwhile, offline `size` or up to a mark.

    `through_marks` gathers offline beyond marks, which keep their places, until there are `size` items: what is made of
    them comes later than it might, and a run that was interrupted has so much more to do again.
    Offline the batches depend on the recording alone, never on timing.
    """
    waiting: dict[str, list[In | Mark]] = {}
    through_marks = through_marks and not inbox.live
    while True:
        try:
            item = _here(inbox, waiting) or await inbox.receive()
        except anyio.EndOfStream:
            break
        except anyio.WouldBlock:
            for gathered in waiting.values():
                yield gathered
            waiting = {}
            continue
        gathered = waiting.setdefault(item.track, [])
        gathered.append(item)
        if _is_full(gathered, size, through_marks=through_marks):
            yield waiting.pop(item.track)
    for gathered in waiting.values():
        yield gathered


def _is_full(gathered: Sequence[Span], size: int, *, through_marks: bool) -> bool:
    """Tell whether a batch is complete; a mark that nothing is waiting before need not wait either."""
    if isinstance(gathered[-1], Mark):
        return not through_marks or len(gathered) == 1
    return sum(not isinstance(item, Mark) for item in gathered) >= size


def _here(inbox: Inbox[In], waiting: Mapping[str, Sequence[In | Mark]]) -> In | Mark | None:
    """Return an item without waiting if the inbox is live and something is already gathered."""
    return inbox.receive_nowait() if inbox.live and waiting else None
