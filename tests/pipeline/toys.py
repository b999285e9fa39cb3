"""Small real stages and a small real sound, to see the runner work without any model."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, ClassVar

import anyio.lowlevel
import numpy as np
from numpy.typing import NDArray

from stages.engine_errors import EngineError
from stages.speech import SAMPLE_RATE, AudioChunk, Gap, Mark, Span, SpeakerTurn, Utterance, Word, seconds
from stages.stage import Inbox, Stage, items


class Silence:
    """Some seconds of a sound in which sample i has the value i / 2**20."""

    live = False
    folder = None

    def __init__(self, duration: float) -> None:
        self.duration = duration

    async def read(self, track: str, first: int, last: int) -> NDArray[np.float32]:
        """Return the samples first..last."""
        last = min(last, round(self.duration * SAMPLE_RATE))
        return np.arange(first, max(first, last), dtype=np.float32) / np.float32(2**20)

    async def chunks(self, first: Mapping[str, int], size: int) -> AsyncGenerator[AudioChunk, None]:
        """Yield chunks of `size` samples."""
        at = first.get("0", 0)
        while len(part := await self.read("0", at, at + size)):
            await anyio.lowlevel.checkpoint()
            yield AudioChunk(start=seconds(at), end=seconds(at + len(part)), samples=part)
            at += size


class Ramp(Stage[AudioChunk, Word]):
    """One word for each chunk, and a mark after every third."""

    name: ClassVar[str] = "ramp"
    consumes: ClassVar[tuple[type[Span], ...]] = (AudioChunk,)
    produces: ClassVar[tuple[type[Span], ...]] = (Word,)

    async def run(self, inbox: Inbox[AudioChunk]) -> AsyncGenerator[Word | Mark, None]:
        """Name each chunk after its first sample."""
        heard = 0
        async for chunk in items(inbox):
            assert isinstance(chunk, AudioChunk)
            yield Word(start=chunk.start, end=chunk.end, text=f"w{chunk.first_sample}")
            heard += 1
            if heard % 3 == 0:
                yield Mark(start=chunk.end, end=chunk.end)


class Upper(Stage[Word, SpeakerTurn]):
    """A turn for each word; breaks at the words it is told to, in the way it is told to."""

    name: ClassVar[str] = "upper"
    consumes: ClassVar[tuple[type[Span], ...]] = (Word,)
    produces: ClassVar[tuple[type[Span], ...]] = (SpeakerTurn, Gap)

    def __init__(self, breaks: Mapping[str, Exception] | None = None) -> None:
        self.breaks = breaks or {}
        self.closed = False
        self.read: list[str] = []

    async def run(self, inbox: Inbox[Word]) -> AsyncGenerator[SpeakerTurn | Mark, None]:
        """Turn the word's name into a speaker's."""
        try:
            async for word in items(inbox):
                if isinstance(word, Mark):
                    yield word
                    continue
                self.read.append(word.text)
                if word.text in self.breaks:
                    raise self.breaks[word.text]
                yield SpeakerTurn(start=word.start, end=word.end, speaker=word.text.upper())
        finally:
            self.closed = True


class Join(Stage[Any, Utterance]):
    """Reads words and turns from one inbox; one utterance for each pair."""

    name: ClassVar[str] = "join"
    consumes: ClassVar[tuple[type[Span], ...]] = (Word, SpeakerTurn)
    produces: ClassVar[tuple[type[Span], ...]] = (Utterance,)

    async def run(self, inbox: Inbox[Any]) -> AsyncGenerator[Utterance | Mark, None]:
        """Pair words and turns by their start."""
        words: dict[float, Word] = {}
        turns: dict[float, SpeakerTurn] = {}
        async for item in items(inbox):
            if isinstance(item, Word):
                words[item.start] = item
            elif isinstance(item, SpeakerTurn):
                turns[item.start] = item
        for start in sorted(words):
            yield Utterance.of([words[start]], turns[start].speaker if start in turns else None)


class Collect(Stage[Utterance, Utterance]):
    """Keeps what it reads."""

    name: ClassVar[str] = "collect"
    consumes: ClassVar[tuple[type[Span], ...]] = (Utterance,)
    produces: ClassVar[tuple[type[Span], ...]] = ()

    def __init__(self) -> None:
        self.read: list[Utterance] = []

    async def run(self, inbox: Inbox[Utterance]) -> AsyncGenerator[Utterance | Mark, None]:
        """Read to the end."""
        async for item in items(inbox):
            if isinstance(item, Utterance):
                self.read.append(item)
        return
        yield  # makes this function a generator


class Loop(Stage[SpeakerTurn, Word]):
    """Makes words of turns: with `Upper`, a cycle."""

    name: ClassVar[str] = "loop"
    consumes: ClassVar[tuple[type[Span], ...]] = (SpeakerTurn,)
    produces: ClassVar[tuple[type[Span], ...]] = (Word,)

    async def run(self, inbox: Inbox[SpeakerTurn]) -> AsyncGenerator[Word | Mark, None]:
        """Turn the speaker's name into a word."""
        async for turn in items(inbox):
            if isinstance(turn, SpeakerTurn):
                yield Word(start=turn.start, end=turn.end, text=turn.speaker.lower())


class Notes:
    """An observer that writes everything down."""

    def __init__(self) -> None:
        self.made: dict[str, list[Span]] = {}
        self.over: dict[str, Gap | None] = {}

    async def item(self, stage: str, item: Span) -> None:
        """Write an item down."""
        self.made.setdefault(stage, []).append(item)

    async def ended(self, stage: str) -> None:
        """Write an end down."""
        self.over[stage] = None

    async def failed(self, stage: str, gap: Gap) -> None:
        """Write a failure down."""
        self.over[stage] = gap


class Past:
    """What an earlier run left, out of a list."""

    def __init__(self, made: list[Span], *, done: bool) -> None:
        marks = [at for at, item in enumerate(made) if isinstance(item, Mark)]
        self.done = done
        self.made = made if done else made[: marks[-1] + 1] if marks else []
        self.until = {item.track: item.end for item in self.made if isinstance(item, Mark)}

    async def items(self) -> AsyncIterator[Span]:
        """Yield the list."""
        for item in self.made:
            yield item


class Broken(EngineError):
    """An engine that gives up."""
