"""How many requests a provider has at a time; those that find no room wait in line."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

LONGEST_LINE = 1_000
"""Requests that wait at one provider; the next one is told to come back."""

Place = TypeVar("Place")


class NoSlot(Exception):
    """No place became free in time, or the line is too long."""


class Slots(Generic[Place]):
    """Places at one provider; a place that becomes free goes to whoever has waited longest."""

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        """Places in all; None for no limit."""
        self.busy = 0
        """Places taken."""
        self._line: deque[tuple[asyncio.Future[Place], Place]] = deque()

    @property
    def waiting(self) -> int:
        """Return how many stand in line."""
        return sum(not waiter.done() for waiter, _ in self._line)

    def take(self) -> bool:
        """Take a place if one is free."""
        if self.limit is not None and self.busy >= self.limit:
            return False
        self.busy += 1
        return True

    def release(self) -> None:
        """Give a place back."""
        while self._line:
            waiter, place = self._line.popleft()
            if not waiter.done():
                waiter.set_result(place)
                return
        self.busy -= 1

    def wait(self, waiter: "asyncio.Future[Place]", place: Place) -> None:
        """Stand in line; the future is given `place` with a place taken.

        Raises:
            NoSlot: too many wait already.
        """
        if len(self._line) >= LONGEST_LINE:
            self._line = deque(each for each in self._line if not each[0].done())
        if len(self._line) >= LONGEST_LINE:
            raise NoSlot("Too many requests wait already.")
        self._line.append((waiter, place))


async def first_free(places: Iterable[tuple[Slots[Place], Place]], seconds: float) -> Place:
    """Take a place where one is free, in the order given; with none free, the first that becomes free anywhere.

    Raises:
        NoSlot: none became free in time.
    """
    places = list(places)
    for slots, place in places:
        if slots.take():
            return place
    waiter: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
    has_place = False
    try:
        for slots, place in places:
            slots.wait(waiter, place)
        async with asyncio.timeout(seconds):
            given = await waiter
            has_place = True
            return given
    except TimeoutError as error:
        raise NoSlot(f"No place became free within {seconds:.0f} s.") from error
    finally:
        if not has_place and not waiter.cancel() and not waiter.cancelled():
            # A place was given in the moment in which the waiter went away.
            next(slots for slots, place in places if place is waiter.result()).release()
