"""Keys -> engines, for those who look after them: all that there are, and moves that go on by themselves."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

import msgspec

from pipeline.doctor.packages import install_command
from pipeline.engine_pool import ENGINES, EnginePool, Role, UnknownEngine
from pipeline.gateway.directory import SHORT_NAMES
from stages.engine import EngineHost
from stages.engine_errors import BadMove, EngineError

GLANCE_SECONDS = 0.2
"""A move that comes to its end so soon is told with it."""


class NoSuchEngine(UnknownEngine, LookupError):
    """No engine has this name."""


class NotInstalled(EngineError, ImportError):
    """The engine lacks its packages: there is no use in bringing its weights into memory."""


class Seat(msgspec.Struct, frozen=True):
    """An engine that could serve a role."""

    role: Role
    """What it does."""
    name: str
    """In the configuration."""
    chosen: bool
    """Whether the role is its."""
    host: EngineHost[Any] | None
    """None where it cannot be made."""
    error: str | None = None
    """Why it cannot be made."""

    @property
    def install(self) -> str | None:
        """What installs the packages that it lacks; None where it lacks none."""
        return install_command(self.name)


class EngineRoom:
    """Looks after the engines of a pool."""

    def __init__(self, pool: EnginePool) -> None:
        self._pool = pool
        self._moves: set[asyncio.Task[None]] = set()

    def seats(self) -> Iterator[Seat]:
        """Yield all engines of every role; the one that serves it first."""
        for role, known in ENGINES.items():
            choice = self._pool.choice(role).engine
            serves = self._pool.has(role)
            for name in dict.fromkeys((choice, *known)):
                chosen = name == choice and serves
                try:
                    host = self._pool.host(role, name)
                    host.look()
                    yield Seat(role, name, chosen, host)
                except (EngineError, UnknownEngine) as error:
                    yield Seat(role, name, chosen, None, str(error))

    def find(self, key: str) -> Seat:
        """Return the engine of a name, or of a short name of its model.

        Raises:
            NoSuchEngine: there is none.
        """
        seats = list(self.seats())
        model = SHORT_NAMES.get(key)
        for seat in seats:
            if seat.name == key or (model is not None and seat.host is not None and seat.host.card.model == model):
                return seat
        raise NoSuchEngine(f"No engine is called {key!r}. There are {', '.join(seat.name for seat in seats)}.")

    async def download(self, key: str, *, force: bool = False) -> Seat:
        """Begin to bring an engine's weights here, again if `force`. Raises NoSuchEngine, UnknownEngine, BadMove."""
        seat, host = self._ready(key)
        await self._begin(host.download(force=force))
        return seat

    async def load(self, key: str, devices: Sequence[int] | None = None, *, pin: bool | None = None) -> Seat:
        """Begin to load an engine, on other devices if they are given.

        Raises:
            NoSuchEngine, UnknownEngine, BadMove: as the others.
            NotInstalled: its packages are not here; nothing is downloaded.
        """
        seat, host = self._ready(key)
        if seat.install is not None:
            raise NotInstalled(f"{seat.name} lacks its packages. Run {seat.install}, then start the server again.")
        if pin is not None:
            host.pinned = pin
        await self._begin(host.load(devices))
        return seat

    async def unload(self, key: str) -> Seat:
        """Begin to give an engine's memory back, or stop its download; it is not pinned any more."""
        seat, host = self._ready(key)
        host.pinned = False
        await self._begin(host.unload())
        return seat

    def _ready(self, key: str) -> tuple[Seat, EngineHost[Any]]:
        seat = self.find(key)
        if seat.host is None:
            raise UnknownEngine(f"The engine {seat.name} cannot be used: {seat.error}")
        return seat, seat.host

    async def _begin(self, move: Coroutine[Any, Any, None]) -> None:
        """Let a move go on by itself. How it ends is told by the engine's state; that it cannot begin, at once."""
        task = asyncio.create_task(move)
        self._moves.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait([task], timeout=GLANCE_SECONDS)
        if done and not task.cancelled() and isinstance(error := task.exception(), BadMove):
            raise error

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._moves.discard(task)
        if not task.cancelled():
            task.exception()  # the engine keeps it in `last_error`
