"""A file -> what is said in it, as it becomes known: the stages of a meeting, with nothing kept of what they make."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import anyio
import msgspec
from anyio.streams.memory import MemoryObjectSendStream

from pipeline.engine_pool import EnginePool
from pipeline.options import Options
from pipeline.process import StepsOf, cause_of
from pipeline.recording import Recording, fill
from pipeline.runner import run
from pipeline.steps import Step, plan_of, steps_of
from stages.detect_speech import DetectSpeech
from stages.resample import Decoder
from stages.speech import Gap, Span, SpeakerTurn, Utterance, Voices, Word
from stages.stretches import Detection

SHOWN = (Word, Gap, SpeakerTurn, Utterance, Voices)
"""What a reader may want."""
SPEAKERS = frozenset({"listen", "diarize", "attribute"})
"""Stages that only matter where speakers are told apart."""
SUMMARY = "summarize"
AHEAD = 64
"""Items that may wait for the reader."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a recording."""

    options: Options = Options()
    """Language, words to expect, engines, how many speak."""
    speakers: bool = False
    """Whether speakers are told apart; without, there are words and no utterances."""
    detection: Detection | None = None
    """When speech begins and ends; None takes what meetings take."""


class Transcription:
    """One recording on its way through the stages; whoever begins one closes it, or reads it to its end."""

    def __init__(self, file: Path, pool: EnginePool, asked: Asked, scratch: Path, steps_of: StepsOf = steps_of) -> None:
        """`scratch` is a folder for decoded sound, which is empty afterwards.

        Raises:
            EngineError: the engines cannot do what is asked; nothing was read.
        """
        self._recording = Recording(scratch)
        try:
            self._steps = _steps(steps_of(self._recording, pool, asked.options), self._recording, asked)
        except BaseException:
            self._recording.delete()
            raise
        self._file = file
        self.seconds = 0.0
        """Length of the sound, once all was read."""
        self._send, self._items = anyio.create_memory_object_stream[Span](AHEAD)
        self._work = asyncio.create_task(self._run(), name=f"transcribe {file.name}")
        self._work.add_done_callback(self._end)

    async def items(self) -> AsyncIterator[Span]:
        """Yield what the stages make, as they make it.

        Raises:
            MediaError: the file cannot be decoded.
            NoRoom: the disk is full.
            StageFailed: a stage broke.
        """
        async for item in self._items:
            yield item
        await self._work

    def close(self) -> None:
        """Stop at once; what is under way on an engine's thread is not waited for."""
        self._work.cancel()
        self._items.close()

    def _end(self, work: "asyncio.Task[None]") -> None:
        if not work.cancelled():
            work.exception()  # whoever reads to the end is told; who left does not want to know
        self._recording.delete()
        self._send.close()

    async def _run(self) -> None:
        plan = plan_of(self._steps)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(fill, self._recording, Decoder(self._file))
                await run(plan, self._recording, _Reader(self._send))
            self.seconds = self._recording.duration
        except ExceptionGroup as failures:
            first = cause_of(failures)
            raise first from first.__cause__


class _Reader:
    """An `Observer` that hands on what is shown, and waits for its reader."""

    def __init__(self, send: MemoryObjectSendStream[Span]) -> None:
        self._send = send

    async def item(self, stage: str, item: Span) -> None:
        if isinstance(item, SHOWN):
            await self._hand_on(item)

    async def ended(self, stage: str) -> None:
        """Nothing: the end of all is the end of the stream."""

    async def failed(self, stage: str, gap: Gap) -> None:
        await self._hand_on(gap)

    async def _hand_on(self, item: Span) -> None:
        with suppress(anyio.BrokenResourceError):  # the reader left, and the run is about to be cancelled
            await self._send.send(item)


def _steps(steps: list[Step], recording: Recording, asked: Asked) -> list[Step]:
    left = [step for step in steps if step.stage.name != SUMMARY]
    if not asked.speakers:
        left = [step for step in left if step.stage.name not in SPEAKERS]
    if asked.detection is None:
        return left
    return [_detecting(step, recording, asked.detection) for step in left]


def _detecting(step: Step, recording: Recording, detection: Detection) -> Step:
    if step.stage.name != DetectSpeech.name or step.host is None:
        return step
    return Step(DetectSpeech(step.host, recording, detection=detection), step.host)
