"""Whether this server can do its work: store, database and engines, each named."""

from collections.abc import Awaitable, Callable
from typing import Literal

import anyio
import msgspec

from pipeline.engine_pool import ENGINES, EnginePool, Role, UnknownEngine
from pipeline.gateway.switchboard import Health, Switchboard
from pipeline.nodes import Nodes
from stages.engine import State
from stages.engine_errors import EngineError
from storage.records import RecordError, Records
from storage.rows import NodeState
from storage.store import Store, StoreError

PATIENCE_SECONDS = 5.0
"""A store or database that has not answered by then is away."""
FRESH_SECONDS = 2.0
"""An answer is given again for so long: whoever asks often shall not keep the store busy."""


class PartState(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the server rests on."""

    name: Literal["store", "database"]
    """Which."""
    ready: bool
    """Whether it answers."""
    error: str | None = None
    """What is wrong and what to do; null where nothing is, and for all but admins."""


class EngineState(msgspec.Struct, frozen=True, kw_only=True):
    """The engine that serves a role."""

    role: Role
    """What it does."""
    engine: str
    """Its name."""
    state: State | None
    """Where it is in its life; null where it cannot be made at all. One on_disk is loaded when it is first needed."""
    ready: bool
    """Whether it works, or will when it is needed."""
    error: str | None = None
    """What is wrong and what to do; null where nothing is, and for all but admins."""


class NodeHealth(msgspec.Struct, frozen=True, kw_only=True):
    """The server itself, as one of those that share a database."""

    name: str
    """Its name; empty for all but admins."""
    roles: tuple[str, ...]
    """What it does."""
    state: NodeState
    """A draining one ends what it has begun and takes nothing more: send no one here."""
    ready: bool
    """Whether it takes work."""
    error: str | None = None
    """What is wrong and what to do; null where nothing is, and for all but admins."""


class Ready(msgspec.Struct, frozen=True):
    """Whether the server can do its work."""

    ready: bool
    """Whether every part and every engine is."""
    parts: tuple[PartState, ...]
    """Store and database."""
    engines: tuple[EngineState, ...]
    """One for each role."""
    node: NodeHealth
    """This server among those that share the database."""
    providers: tuple[Health, ...] = ()
    """Other people's servers, for those who are signed in; one that is away costs its models only."""

    def states(self, *, providers: bool) -> "Ready":
        """Return it for those who do not look after the server: how things are, but neither where nor why."""
        served = [msgspec.structs.replace(each, error=None) for each in self.providers]
        return Ready(
            self.ready,
            tuple(msgspec.structs.replace(part, error=None) for part in self.parts),
            tuple(msgspec.structs.replace(engine, error=None) for engine in self.engines),
            msgspec.structs.replace(self.node, name="", error=None),
            tuple(served) if providers else (),
        )


class Readiness:
    """Looks at everything the server rests on, at most once in a while."""

    def __init__(self, store: Store, records: Records, pool: EnginePool, board: Switchboard, nodes: Nodes) -> None:
        self._store, self._records, self._pool, self._board, self._nodes = store, records, pool, board, nodes
        self._lock = anyio.Lock()
        self._known: tuple[float, Ready] | None = None

    async def look(self) -> Ready:
        """Return how things are, or were a moment ago."""
        async with self._lock:
            now = anyio.current_time()
            if self._known is None or now - self._known[0] > FRESH_SECONDS:
                self._known = now, await self._look()
            return self._known[1]

    async def _look(self) -> Ready:
        parts = (await _part("store", self._store.check), await _part("database", self._records.check))
        engines = tuple(self._engine(role) for role in ENGINES if self._pool.has(role))
        node = self._node()
        is_ready = node.ready and all(part.ready for part in parts) and all(engine.ready for engine in engines)
        return Ready(is_ready, parts, engines, node, tuple(self._board.health()))

    def _node(self) -> NodeHealth:
        me, error = self._nodes.me, None
        if self._nodes.is_displaced:
            error = f"Another server calls itself {me.name!r}. Give each a name of its own (PARLEY_NODE)."
        is_ready = me.state == "working" and error is None
        return NodeHealth(name=me.name, roles=me.roles, state=me.state, ready=is_ready, error=error)

    def _engine(self, role: Role) -> EngineState:
        name = self._pool.choice(role).engine
        try:
            host = self._pool.host(role)
        except (EngineError, UnknownEngine) as error:
            return EngineState(role=role, engine=name, state=None, ready=False, error=str(error))
        return EngineState(
            role=role, engine=name, state=host.state, ready=host.state != "failed", error=host.last_error
        )


async def _part(name: Literal["store", "database"], check: Callable[[], Awaitable[object]]) -> PartState:
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            await check()
    except TimeoutError:
        return PartState(name=name, ready=False, error=f"The {name} did not answer within {PATIENCE_SECONDS:g} s.")
    except (StoreError, RecordError) as error:
        return PartState(name=name, ready=False, error=str(error))
    return PartState(name=name, ready=True)
