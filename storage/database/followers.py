"""Who follows which meeting in this process, and what is still to be told to each."""

from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import anyio

from storage.records import DatabaseAway

BACKLOG = 100
"""Things that wait for one follower. A slow one loses the oldest messages, never the news that there are events."""


class Follower:
    """What is to be told to one reader, in order: None for new events, bytes for a message."""

    def __init__(self) -> None:
        self._waiting: deque[bytes | None] = deque()
        self._changed = anyio.Event()
        self._lost: str | None = None

    def wake(self) -> None:
        """Tell of new events; once, however many follow each other."""
        if not self._waiting or self._waiting[-1] is not None:
            self._add(None)

    def tell(self, message: bytes) -> None:
        """Tell a message."""
        self._add(message)

    def fail(self, reason: str) -> None:
        """Let the reader know that it would hear nothing any more."""
        self._lost = reason
        self._changed.set()

    async def __aiter__(self) -> AsyncIterator[bytes | None]:
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._lost is not None:
                raise DatabaseAway(self._lost)
            self._changed = anyio.Event()
            await self._changed.wait()

    def _add(self, what: bytes | None) -> None:
        self._waiting.append(what)
        if len(self._waiting) > BACKLOG:
            self._drop()
        self._changed.set()

    def _drop(self) -> None:
        """Drop the oldest message. News of events stays, joined with the next."""
        first = self._waiting.popleft()
        if first is None:
            self._waiting.popleft()
            if self._waiting[0] is not None:
                self._waiting.appendleft(None)


class Followers:
    """All followers of this process, by meeting."""

    def __init__(self) -> None:
        self._by_meeting: dict[str, set[Follower]] = {}

    @contextmanager
    def joined(self, meeting: str) -> Iterator[Follower]:
        """Follow a meeting within the block."""
        follower = Follower()
        self._by_meeting.setdefault(meeting, set()).add(follower)
        try:
            yield follower
        finally:
            others = self._by_meeting[meeting]
            others.discard(follower)
            if not others:
                del self._by_meeting[meeting]

    def wake(self, meeting: str) -> None:
        """Tell the followers of a meeting of new events."""
        for follower in self._by_meeting.get(meeting, ()):
            follower.wake()

    def wake_all(self) -> None:
        """Tell all followers that there may be new events."""
        for meeting in self._by_meeting:
            self.wake(meeting)

    def tell(self, meeting: str, message: bytes) -> None:
        """Tell the followers of a meeting a message."""
        for follower in self._by_meeting.get(meeting, ()):
            follower.tell(message)

    def fail(self, reason: str) -> None:
        """Let all followers know that they would hear nothing any more."""
        for followers in self._by_meeting.values():
            for follower in followers:
                follower.fail(reason)
