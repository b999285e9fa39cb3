"""Work on many things, a few at once; the first error ends it, and travels on as it is."""

from collections.abc import Awaitable, Callable, Iterable

import anyio

TOGETHER = 8
"""Meetings that are copied at once."""


async def for_each(ids: Iterable[str], work: Callable[[str], Awaitable[None]]) -> None:
    """Do the work for each id."""
    limit = anyio.CapacityLimiter(TOGETHER)

    async def one(id: str) -> None:
        async with limit:
            await work(id)

    try:
        async with anyio.create_task_group() as tasks:
            for id in ids:
                tasks.start_soon(one, id)
    except ExceptionGroup as failures:
        first: Exception = failures
        while isinstance(first, ExceptionGroup):
            first = first.exceptions[0]
        raise first from first.__cause__
