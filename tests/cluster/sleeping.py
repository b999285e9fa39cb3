"""Stages that hear each second of sound as a number, and take as long as real ones, asleep."""

import zlib
from collections.abc import AsyncGenerator
from typing import Any, ClassVar

import anyio
import numpy as np
from numpy.typing import NDArray

from pipeline.steps import Step
from stages.speech import SAMPLE_RATE, AudioChunk, Mark, Span, Utterance, Word
from stages.stage import Inbox, Stage, items
from tests.pipeline.toy_server import Count

MARK_SECONDS = 5
"""Sound after which a stage can be taken up again."""


def heard(samples: NDArray[np.float32]) -> str:
    """Return the word that a second of sound says: another sound says another one."""
    whole = np.rint(np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2")
    return f"w{zlib.crc32(whole.tobytes()):08x}"


def words_of(pcm: bytes) -> list[str]:
    """Return what samples (s16le, mono, 16 kHz) say, second by second; what is left at the end says nothing."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768.0)
    whole = len(samples) // SAMPLE_RATE
    return [heard(samples[second * SAMPLE_RATE : (second + 1) * SAMPLE_RATE]) for second in range(whole)]


class Say(Stage[AudioChunk, Word]):
    """Says each second of sound."""

    name: ClassVar[str] = "transcribe"
    consumes: ClassVar[tuple[type[Span], ...]] = (AudioChunk,)
    produces: ClassVar[tuple[type[Span], ...]] = (Word,)

    def __init__(self, speed: float | None) -> None:
        """Work so many times as fast as sound is heard; None takes no time."""
        self._speed = speed

    async def run(self, inbox: Inbox[AudioChunk]) -> AsyncGenerator[Word | Mark, None]:
        """Yield a word for each second, and a mark after some."""
        waiting, at = np.zeros(0, np.float32), None
        async for chunk in items(inbox):
            assert isinstance(chunk, AudioChunk)
            at = chunk.first_sample if at is None else at
            waiting = np.concatenate((waiting, chunk.samples[max(0, at + len(waiting) - chunk.first_sample) :]))
            while len(waiting) >= SAMPLE_RATE:
                second = at // SAMPLE_RATE
                if self._speed:
                    await anyio.sleep(1.0 / self._speed)
                yield Word(start=second, end=second + 1.0, text=heard(waiting[:SAMPLE_RATE]))
                waiting, at = waiting[SAMPLE_RATE:], at + SAMPLE_RATE
                if (second + 1) % MARK_SECONDS == 0:
                    yield Mark(start=second + 1.0, end=second + 1.0)


class Tell(Stage[Word, Utterance]):
    """An utterance for each word."""

    name: ClassVar[str] = "attribute"
    consumes: ClassVar[tuple[type[Span], ...]] = (Word,)
    produces: ClassVar[tuple[type[Span], ...]] = (Utterance,)

    async def run(self, inbox: Inbox[Word]) -> AsyncGenerator[Utterance | Mark, None]:
        """Pass marks on."""
        async for item in items(inbox):
            yield item if isinstance(item, Mark) else Utterance.of([item], "S1")


def offline_steps(speed: float | None, *asked: Any) -> list[Step]:
    """Return the stages of a recording; `asked` ends with its options."""
    template = asked[-1].template
    return [
        Step(Say(speed)),
        Step(Tell()),
        Step(Count(template), options={"template": template}),
    ]


def live_steps(*asked: Any) -> list[Step]:
    """Return the stages of a live meeting, whose sound comes at the pace of the clock as it is."""
    return [Step(Say(None), options={"live": True}), Step(Tell(), options={"live": True})]
