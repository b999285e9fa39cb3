"""Servers that share a database: each says that it lives, and knows who does not any more."""

import asyncio
import contextlib
import logging
import secrets
import time
from typing import Literal, Self

import msgspec

from storage.records import RecordError, Records
from storage.rows import NodeRow

NodeRole = Literal["api", "engines", "jobs"]
ROLES: tuple[NodeRole, ...] = ("api", "engines", "jobs")
"""Doors and live meetings; engines that work for jobs and /v1; jobs taken from the queue."""
BEAT_SECONDS = 3.0
"""A node says so often that it lives."""
DEAD_SECONDS = 12.0
"""One that has not said so for so long is dead: its work is taken over. That it is not, fencing makes harmless."""

log = logging.getLogger(__name__)


class Nodes:
    """Use as `async with`: within it, this server beats, and on leaving it says good-bye.

    While the database was away nobody could say that they live: for a while after that, nobody is called dead.
    """

    def __init__(
        self,
        records: Records,
        name: str,
        roles: tuple[NodeRole, ...] = ROLES,
        *,
        queues: tuple[str, ...] = (),
        version: str = "",
        address: str = "",
        beat_seconds: float = BEAT_SECONDS,
        dead_seconds: float = DEAD_SECONDS,
    ) -> None:
        process = secrets.token_hex(8)
        self.me = NodeRow(name=name, process=process, roles=roles, queues=queues, version=version, address=address)
        """This server."""
        self.is_displaced = False
        """Whether a later process has taken this server's name: one of the two is configured wrongly."""
        self._records, self._beat_seconds, self._dead_seconds = records, beat_seconds, dead_seconds
        self._sees_since: float | None = None
        self._seen = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._records.see_node(self.me, first=True)
        self._sees_since = self._seen = time.monotonic()
        self._task = asyncio.create_task(self._beat_always(), name="say that this node lives")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        with contextlib.suppress(RecordError):
            await self._records.forget_node(self.me.name, self.me.process)

    async def drain(self) -> None:
        """Say that this server takes nothing more."""
        self.me = msgspec.structs.replace(self.me, state="draining")
        with contextlib.suppress(RecordError):
            await self._records.see_node(self.me)

    async def alive(self) -> dict[str, NodeRow] | None:
        """Return who lives, by name; None while that cannot be told.

        Raises:
            RecordError: the database cannot be asked.
        """
        found = await self._records.nodes()
        now = time.monotonic()
        if self._sees_since is None or now - self._sees_since < self._dead_seconds or not self._is_fresh(now):
            return None
        return {node.name: node for node in found if node.age < self._dead_seconds or node.name == self.me.name}

    def _is_fresh(self, now: float) -> bool:
        return now - self._seen < self._dead_seconds / 2

    async def _beat_always(self) -> None:
        while True:
            await asyncio.sleep(self._beat_seconds)
            try:
                self._note(await self._records.see_node(self.me))
            except RecordError as error:
                log.warning("This server cannot say that it lives: %s", error)

    def _note(self, is_ours: bool) -> None:
        if not is_ours and not self.is_displaced:
            log.error("Another server calls itself %r. Give each a name of its own (PARLEY_NODE).", self.me.name)
        self.is_displaced = not is_ours
        now = time.monotonic()
        if not self._is_fresh(now):
            self._sees_since = now
        self._seen = now
