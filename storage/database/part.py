"""What the parts of the database share: the connections, calls that run to their end, the lock on a meeting."""

import asyncio
import functools
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database.connections import Connections
from storage.database.tables import meetings
from storage.latency import DATABASE, DATABASE_FAILURES, timed
from storage.records import BadCursor, NoRecord, Overtaken, Taken
from storage.rows import StageRow

BLAMELESS = (NoRecord, Taken, Overtaken, BadCursor, ValueError)
"""No fault of the database: what was asked for makes no sense now."""


class Part:
    """A part of the database: some tables and what is done with them."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        """To the database."""


Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
SomePart = TypeVar("SomePart", bound=Part)


def whole(
    method: Callable[Concatenate[SomePart, Asked], Coroutine[Any, Any, Answer]],
) -> Callable[Concatenate[SomePart, Asked], Coroutine[Any, Any, Answer]]:
    """Let a call run to its end even where whoever made it gives up waiting.

    A driver that is interrupted throws its connection away; aiosqlite may then wait for itself for ever.
    """

    @functools.wraps(method)
    async def call(self: SomePart, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        task = asyncio.create_task(_timed(method(self, *args, **kwargs), method.__name__))
        under_way = self.connections.under_way
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        task.add_done_callback(_look_at)
        return await asyncio.shield(task)

    return call


async def _timed(call: Coroutine[Any, Any, Answer], name: str) -> Answer:
    with timed(DATABASE, DATABASE_FAILURES, name, *BLAMELESS):
        return await call


def _look_at(task: asyncio.Task[Any]) -> None:
    """Take note of an error for whoever gave up waiting; asyncio would report it as one that nobody saw."""
    if not task.cancelled():
        task.exception()


async def first_full(connection: AsyncConnection, queries: Sequence[Select[Any]], count: int) -> Sequence[RowMapping]:
    """Return the rows of the first query that finds so many; of the last one, if none does."""
    found: Sequence[RowMapping] = ()
    for query in queries:
        found = (await connection.execute(query)).mappings().all()
        if len(found) >= count:
            break
    return found


class Held(NamedTuple):
    """A meeting that nobody else changes until the transaction ends."""

    place: int
    """In the order of all meetings."""
    owner: str
    """Whose it is."""
    attempt: int
    """The newest."""
    stages: tuple[StageRow, ...]
    """How far they are."""


async def locked(connection: AsyncConnection, id: str, attempt: int | None = None) -> Held:
    """Hold a meeting until the transaction ends. Return what is known of it.

    Raises:
        NoRecord: there is no such meeting.
        Overtaken: a newer attempt has it.
    """
    c = meetings.c
    query = select(c.place, c.owner, c.attempt, c.stages).where(c.id == id).with_for_update()
    found = (await connection.execute(query)).one_or_none()
    if found is None:
        raise no_meeting()
    if attempt is not None and found.attempt != attempt:
        raise overtaken(attempt)
    return Held(*found)


async def refusal(connection: AsyncConnection, id: str, attempt: int | None) -> NoRecord | Overtaken:
    """Return why nothing was changed: there is no such meeting, or a newer attempt has it."""
    found = await connection.scalar(select(meetings.c.attempt).where(meetings.c.id == id))
    return no_meeting() if found is None or attempt is None else overtaken(attempt)


def no_meeting() -> NoRecord:
    """Return the error for a meeting that does not exist, or not for this owner."""
    return NoRecord("There is no such meeting.")


def overtaken(attempt: int) -> Overtaken:
    """Return the error for an attempt that is not the newest."""
    return Overtaken(f"Attempt {attempt} of this meeting was taken over by a newer one.")
