"""Events of a meeting: numbered, stored, and followed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import insert, select, update

from storage.database import tables
from storage.database.part import Part, refusal, whole
from storage.rows import EventRow

LONGEST_MESSAGE = 7000
"""Bytes. PostgreSQL notifies with less than 8,000, the meeting's id among them."""
LARGEST = 2**63 - 1


class Events(Part):
    """What happened in meetings, in order."""

    @whole
    async def add_events(
        self, meeting: str, events: Sequence[tuple[str, bytes]], attempt: int | None = None
    ) -> list[int]:
        """Number events without holes, store them, and wake whoever follows the meeting."""
        m, count = tables.meetings.c, len(events)
        query = update(tables.meetings).where(m.id == meeting).values(events=m.events + count).returning(m.events)
        async with self.connections.writing() as connection:
            # Holds the meeting until the transaction ends: others number theirs after it, or without it.
            last = await connection.scalar(query if attempt is None else query.where(m.attempt == attempt))
            if last is None:
                raise await refusal(connection, meeting, attempt)
            numbers = list(range(last - count + 1, last + 1))
            if not numbers:
                return []
            rows = [
                {"meeting": meeting, "number": number, "type": name, "data": data}
                for number, (name, data) in zip(numbers, events, strict=True)
            ]
            await connection.execute(insert(tables.events), rows)
            await self.connections.announce(connection, meeting)
        self.connections.announced(meeting)
        return numbers

    @whole
    async def events(self, meeting: str, after: int = 0, limit: int = 500) -> Sequence[EventRow]:
        """Return the events that follow a number."""
        c = tables.events.c
        query = select(c.number, c.type, c.data).where(c.meeting == meeting, c.number > max(0, min(after, LARGEST)))
        async with self.connections.reading() as connection:
            found = await connection.execute(query.order_by(c.number).limit(limit))
            return [EventRow(number, name, data) for number, name, data in found]

    @asynccontextmanager
    async def follow(self, meeting: str) -> AsyncIterator[AsyncIterator[bytes | None]]:
        """Wake up at each change: None when events were added, bytes for what `tell` sent."""
        await self.connections.listen()
        with self.connections.followers.joined(meeting) as follower:
            yield aiter(follower)

    @whole
    async def tell(self, meeting: str, message: bytes) -> None:
        """Send an unnumbered message to whoever follows the meeting now, on any node."""
        if len(message) >= LONGEST_MESSAGE:
            raise ValueError(f"A message has less than {LONGEST_MESSAGE} bytes, this one has {len(message)}.")
        await self.connections.tell(meeting, message)
