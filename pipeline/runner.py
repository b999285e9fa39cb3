"""Plan + sound -> items: every stage a task, every inbox bounded, every item seen by an observer."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Protocol

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from pipeline.inboxes import Cursor, Mailbox
from pipeline.plan import AnyStage, Plan
from pipeline.trace import in_stage
from stages.engine_errors import EngineError
from stages.speech import SAMPLE_RATE, AudioChunk, Gap, Mark, Span, samples
from stages.stage import Sound, items

OFFLINE_CHUNK = SAMPLE_RATE
"""Samples in a chunk of a recording: 20 ms chunks would cost the runner 30 times the CPU of one second."""
LIVE_CHUNK = SAMPLE_RATE // 10
"""Samples in a chunk of a live meeting."""


class Kept(Protocol):
    """What an earlier run of a stage left."""

    @property
    def done(self) -> bool:
        """Whether the stage had finished."""

    @property
    def until(self) -> Mapping[str, float]:
        """The last mark of each track, in seconds: the stage goes on from there."""

    def items(self) -> AsyncIterator[Span]:
        """Yield what it had made, with its marks, in the order in which it was made."""


class Observer(Protocol):
    """Sees every new item before it travels on: the only place for storage, progress and publishing."""

    async def item(self, stage: str, item: Span) -> None:
        """Take an item or mark that a stage has just made."""

    async def ended(self, stage: str) -> None:
        """Learn that a stage has made its last item."""

    async def failed(self, stage: str, gap: Gap) -> None:
        """Learn that a stage gave up, and what it leaves undone."""


class StageFailed(Exception):
    """A stage broke in a way that no engine declared; its cause says how."""

    def __init__(self, stage: str, cause: Exception) -> None:
        super().__init__(f"The stage {stage!r} failed: {type(cause).__name__}: {cause}")
        self.stage = stage


async def run(
    plan: Plan, sound: Sound, observer: Observer, kept: Mapping[str, Kept] | None = None, backlog: int = 16
) -> None:
    """Run every stage of the plan to its end; what is kept is replayed instead of made again.

    Raises:
        StageFailed: a stage raised something that is no `EngineError`; all others were cancelled.
    """
    run_of_plan = _Run(plan, sound, observer, kept or {}, backlog)
    try:
        async with anyio.create_task_group() as tasks:
            for stage in run_of_plan.needed:
                tasks.start_soon(run_of_plan.work, stage, name=stage.name)
    except* StageFailed as failures:
        first: BaseException = failures
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from first.__cause__


class _Run:
    """One run: the stages that have work left, and the streams between them."""

    def __init__(self, plan: Plan, sound: Sound, observer: Observer, kept: Mapping[str, Kept], backlog: int) -> None:
        self.sound, self.observer, self.kept = sound, observer, kept
        self.unfinished = [stage for stage in plan.stages if not self._done(stage)]
        self.needed = [s for s in plan.stages if s in self.unfinished or set(plan.consumers(s)) & set(self.unfinished)]
        self.inboxes: dict[str, Mailbox | Cursor] = {}
        self.outlets: dict[str, list[tuple[AnyStage, MemoryObjectSendStream[Span]]]] = {s.name: [] for s in self.needed}
        for stage in self.unfinished:
            self.inboxes[stage.name] = self._inbox(plan, stage, backlog)

    def _done(self, stage: AnyStage) -> bool:
        return stage.name in self.kept and self.kept[stage.name].done

    def _until(self, stage: AnyStage) -> Mapping[str, float]:
        return self.kept[stage.name].until if stage.name in self.kept else {}

    def _inbox(self, plan: Plan, stage: AnyStage, backlog: int) -> Mailbox | Cursor:
        until = self._until(stage)
        if AudioChunk in stage.consumes:
            first = {track: samples(time) for track, time in until.items()}
            size = LIVE_CHUNK if self.sound.live else OFFLINE_CHUNK
            return Cursor(self.sound.chunks(first, size), live=self.sound.live)
        send, receive = anyio.create_memory_object_stream[Span](backlog)
        for producer in plan.producers(stage):
            self.outlets[producer.name].append((stage, send.clone()))
        send.close()
        return Mailbox(receive, until, live=self.sound.live)

    async def work(self, stage: AnyStage) -> None:
        """Replay what is kept of a stage, then let it make the rest."""
        outlets = self.outlets[stage.name]
        frontier = max(self._until(stage).values(), default=0.0)
        try:
            if stage.name in self.kept:
                async for item in self.kept[stage.name].items():
                    await _send(outlets, item)
            if not self._done(stage):
                with in_stage(stage.name):
                    await self._make(stage, frontier)
        except StageFailed:
            raise
        except Exception as error:
            raise StageFailed(stage.name, error) from error
        finally:
            for _, outlet in outlets:
                outlet.close()
            if stage.name in self.inboxes:
                with anyio.CancelScope(shield=True):
                    await self.inboxes[stage.name].aclose()

    async def _make(self, stage: AnyStage, frontier: float) -> None:
        inbox, outlets = self.inboxes[stage.name], self.outlets[stage.name]
        try:
            async with aclosing(stage.run(inbox)) as made:
                async for item in made:
                    frontier = max(frontier, item.end)
                    await self.observer.item(stage.name, item)
                    await _send(outlets, item)
        except EngineError as error:
            async for _ in items(inbox):
                pass
            gap = Gap(
                start=min(frontier, self.sound.duration), end=self.sound.duration, stage=stage.name, reason=str(error)
            )
            await self.observer.failed(stage.name, gap)
            await _send(outlets, gap)
            return
        await self.observer.ended(stage.name)


async def _send(outlets: Sequence[tuple[AnyStage, MemoryObjectSendStream[Span]]], item: Span) -> None:
    """Hand an item to everybody who reads its type, waiting for the slowest."""
    for reader, outlet in outlets:
        if isinstance(item, (Mark, *reader.consumes)):
            try:
                await outlet.send(item)
            except anyio.BrokenResourceError:
                continue  # the reader ended before its inbox did: it wants nothing more
