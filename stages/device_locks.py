"""GPU numbers -> turns at them: one engine at a time loads or gives memory back on a device."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import AsyncExitStack, asynccontextmanager


class DeviceLocks:
    """One lock for each GPU.

    A runtime that sizes its memory by what is free measures nonsense while another engine comes or goes beside it.
    """

    def __init__(self) -> None:
        self._locks: dict[int, asyncio.Lock] = {}

    @asynccontextmanager
    async def hold(self, devices: Collection[int]) -> AsyncGenerator[None, None]:
        """Wait until nobody else loads on these, and keep them while the block lasts; the CPU is nobody's."""
        async with AsyncExitStack() as held:
            # In order of their numbers: two who want the same devices cannot wait for each other.
            for device in sorted(set(devices)):
                await held.enter_async_context(self._locks.setdefault(device, asyncio.Lock()))
            yield
