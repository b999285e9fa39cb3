"""The life of an engine: blocking code of one model, kept on one thread and on a table of allowed moves."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, Generic, Literal, ParamSpec, Protocol, TypeVar

from stages.card import Card
from stages.device_locks import DeviceLocks
from stages.engine_errors import BadMove, DownloadStopped, EngineDied, EngineError
from stages.failure import in_words

__all__ = ["MOVES", "Card", "Engine", "EngineHost", "Progress", "State"]

LOG = logging.getLogger("parley.engines")

State = Literal["absent", "downloading", "on_disk", "loading", "ready", "unloading", "failed"]

MOVES: Mapping[State, frozenset[State]] = {
    "absent": frozenset({"downloading", "on_disk"}),
    "downloading": frozenset({"on_disk", "absent", "failed"}),
    "on_disk": frozenset({"loading", "downloading", "absent"}),
    "loading": frozenset({"ready", "failed"}),
    "ready": frozenset({"unloading", "failed"}),
    "unloading": frozenset({"on_disk", "failed"}),
    "failed": frozenset({"downloading", "loading", "unloading"}),
}
"""From each state, the states that may follow."""


class Progress(Protocol):
    """Is told how far a download is."""

    def __call__(self, done: int, total: int | None) -> None:
        """Take the bytes done and, where it is known, the bytes in all.

        Raises:
            DownloadStopped: nobody wants it any more; what has arrived is kept.
        """


class Engine(Protocol):
    """Blocking code of one model. An `EngineHost` calls everything on one thread, one call at a time."""

    @property
    def card(self) -> Card:
        """What it is."""

    def on_disk(self) -> bool:
        """Return whether the weights are on this machine, without loading anything."""

    def download(self, progress: Progress, again: bool = False) -> None:
        """Bring the weights to this machine; `again` even if they are here.

        Raises:
            EngineError: it cannot be done, with the reason and what to do.
        """

    def load(self, devices: Sequence[int]) -> None:
        """Make ready for work. Heavy imports happen here. `devices` are GPU numbers; none means the CPU.

        Raises:
            EngineMissing: a package is not installed.
            ModelMissing: the weights are not on this machine.
        """

    def unload(self) -> None:
        """Give the memory back."""


E_co = TypeVar("E_co", bound=Engine, covariant=True)
R = TypeVar("R")
P = ParamSpec("P")


class EngineHost(Generic[E_co]):
    """Keeps one engine on one thread: calls in order, loading when needed, unloading when idle.

    A move outlives the caller who asked for it: cancelling `load` leaves the engine loading; the next caller joins it.
    """

    def __init__(
        self,
        engine: E_co,
        devices: Sequence[int] = (),
        idle_unload_seconds: float | None = None,
        *,
        pinned: bool = False,
        locks: DeviceLocks | None = None,
    ) -> None:
        """`locks` are shared by all who use the same devices."""
        self._engine = engine
        self.devices = tuple(devices)
        self.idle_unload_seconds = idle_unload_seconds
        self.pinned = pinned
        """Whether it stays loaded when idle."""
        self.state: State = "on_disk" if engine.on_disk() else "absent"
        self.last_error: str | None = None
        """What happened and what to do, if the last move failed."""
        self.downloaded: tuple[int, int | None] = (0, None)
        """Bytes done and, where it is known, in all."""
        self.changed = asyncio.Event()
        """Set at each move, then replaced: wait on the one at hand to see the next move."""
        self.cpu_seconds = 0.0
        """CPU time that calls have spent on the engine's thread."""
        self.busy_seconds = 0.0
        """Time that calls have spent there by the clock."""
        self.busy = 0
        """Calls under way or waiting for their turn."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=engine.card.engine)
        self._locks = locks or DeviceLocks()
        self._move: asyncio.Task[None] | None = None
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._spare_turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._stopped = False

    @property
    def engine(self) -> E_co:
        """The engine itself; its blocking work belongs into `call`."""
        return self._engine

    @property
    def card(self) -> Card:
        """What the engine is."""
        return self.engine.card

    async def call(self, work: Callable[Concatenate[E_co, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `work(engine, ...)` on the engine's thread, loading the engine first if need be.

        Raises:
            EngineError: the engine cannot be made ready, or the work failed.
        """
        async with self.in_use():
            return await self._on_thread(lambda: self._timed(lambda: work(self.engine, *args, **kwargs)))

    @contextlib.asynccontextmanager
    async def in_use(self) -> AsyncIterator[E_co]:
        """Hold the engine ready; it is not unloaded until the block ends. One that died is loaded at the next use."""
        self.busy += 1
        self._at_rest.clear()
        if self._idle is not None:
            self._idle.cancel()
        try:
            await self.load()
            yield self.engine
        except EngineDied as error:
            self._died(error)
            raise
        finally:
            self.busy -= 1
            if not self.busy:
                self._at_rest.set()
            if not self.busy and self.idle_unload_seconds is not None:
                self._idle = asyncio.get_running_loop().call_later(self.idle_unload_seconds, self.unload_idle)

    @contextlib.asynccontextmanager
    async def spare_time(self) -> AsyncIterator[None]:
        """Wait for a moment in which nobody else wants the engine, in turn with all who wait so; then call it once.

        Work that may be left out is done in spare time: it delays what must be done by one call at most.
        """
        async with self._spare_turn:
            while self.busy:
                await self._at_rest.wait()
            yield

    async def download(self, *, force: bool = False) -> None:
        """Bring the weights to this machine, again if `force`; a loaded engine is unloaded for that."""
        if self.state == "downloading" or (self.state in ("on_disk", "ready") and not force):
            await self._join()
            return
        if self.state == "ready":
            await self.unload()
        again = {"again": True} if force else {}
        self._stopped, self.downloaded = False, (0, None)
        await self._start("downloading", lambda: self.engine.download(self._progress, **again), "on_disk")

    async def load(self, devices: Sequence[int] | None = None) -> None:
        """Make the engine ready, downloading it first if it is absent; a failed engine is tried again.

        With `devices` other than those that it is on, it moves there.
        """
        await self._join()
        if self.state == "ready":
            if devices is None or tuple(devices) == self.devices:
                return
            await self.unload()
        if self.state == "absent" or (self.state == "failed" and not self.engine.on_disk()):
            await self.download()
        chosen = self.devices = self.devices if devices is None else tuple(devices)
        if self.state != "loading":
            await self._start("loading", lambda: self.engine.load(chosen), "ready")
        else:
            await self._join()

    async def unload(self) -> None:
        """Give the memory back after the calls that are under way; a download under way is stopped instead."""
        if self.state == "downloading":
            self._stopped = True
            with contextlib.suppress(DownloadStopped):
                await self._join()
            return
        with contextlib.suppress(EngineError):
            await self._join()
        if self.state in ("on_disk", "absent"):
            return
        await self._start("unloading", self.engine.unload, "on_disk")

    def unload_idle(self) -> None:
        """Begin to give the memory back, unless somebody uses it or it is to stay loaded."""
        if not self.busy and not self.pinned and self.state == "ready":
            self._begin("unloading", self.engine.unload, "on_disk")

    def look(self) -> State:
        """Return the state, with what others did to the model's files while it was not in use."""
        if self.state in ("absent", "on_disk"):
            is_here = self.engine.on_disk()
            if is_here != (self.state == "on_disk"):
                self._enter("on_disk" if is_here else "absent")
        return self.state

    async def close(self) -> None:
        """Unload, and end the thread."""
        if self._idle is not None:
            self._idle.cancel()
        if self.state != "failed":
            with contextlib.suppress(EngineError):
                await self.unload()
        self._thread.shutdown(wait=False)

    async def _start(self, through: State, work: Callable[[], None], to: State) -> None:
        self._begin(through, work, to)
        await self._join()

    def _begin(self, through: State, work: Callable[[], None], to: State) -> None:
        self._enter(through)
        devices = () if through == "downloading" else self.devices
        self._move = asyncio.create_task(self._carry_out(work, to, devices), name=f"{self.card.engine} {through}")
        # Nobody may be waiting: what went wrong is kept in `last_error`.
        self._move.add_done_callback(lambda move: move.cancelled() or move.exception())

    async def _carry_out(self, work: Callable[[], None], to: State, devices: Sequence[int]) -> None:
        try:
            async with self._locks.hold(devices):
                await self._on_thread(work)
        except DownloadStopped:
            self.last_error = None
            self._enter("on_disk" if self.engine.on_disk() else "absent")
            raise
        except Exception as error:
            self.last_error = in_words(error, self.card.engine, devices)
            LOG.warning("%s: %s", self.card.engine, self.last_error, exc_info=not isinstance(error, EngineError))
            self._enter("failed")
            raise
        self.last_error = None
        self._enter(to)

    async def _join(self) -> None:
        """Wait for the move under way, without ending it when the waiter is cancelled."""
        if self._move is not None and not self._move.done():
            await asyncio.shield(self._move)

    def _enter(self, state: State) -> None:
        if state not in MOVES[self.state]:
            raise BadMove(f"{self.card.engine} is {self.state} and cannot become {state}.")
        self.state = state
        LOG.info("%s is %s", self.card.engine, state.replace("_", " "))
        seen, self.changed = self.changed, asyncio.Event()
        seen.set()

    def _died(self, error: EngineDied) -> None:
        if self.state == "ready":
            self.last_error = str(error)
            LOG.warning("%s: %s", self.card.engine, error)
            self._enter("failed")

    def _timed(self, work: Callable[[], R]) -> R:
        began, wall = time.thread_time(), time.monotonic()
        try:
            return work()
        finally:
            self.cpu_seconds += time.thread_time() - began
            self.busy_seconds += time.monotonic() - wall

    def _progress(self, done: int, total: int | None) -> None:
        self.downloaded = (done, total)
        if self._stopped:
            raise DownloadStopped(f"The download of {self.card.model} was stopped; what has arrived is kept.")

    async def _on_thread(self, work: Callable[[], R]) -> R:
        return await asyncio.wrap_future(self._thread.submit(work))
