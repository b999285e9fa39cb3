"""When each item of a live meeting was made: a stage that only looks."""

import time
from collections.abc import AsyncGenerator
from typing import ClassVar

from pipeline.engine_pool import EnginePool
from pipeline.options import Options
from pipeline.steps import Step, live_steps_of
from stages.speech import Hypothesis, OpenSpeech, Span, Speech, Transcribed, Utterance, Word
from stages.stage import Inbox, Sound, Stage, items

Seen = Speech | OpenSpeech | Hypothesis | Word | Transcribed | Utterance


class Spy(Stage[Seen, Span]):
    """Notes when items pass."""

    name: ClassVar[str] = "spy"
    consumes: ClassVar[tuple[type[Span], ...]] = (Speech, OpenSpeech, Hypothesis, Word, Transcribed, Utterance)
    produces: ClassVar[tuple[type[Span], ...]] = ()

    def __init__(self, notes: "list[tuple[float, Span]]") -> None:
        self._notes = notes

    async def run(self, inbox: Inbox[Seen]) -> AsyncGenerator[Span, None]:
        """Look until the meeting ends."""
        async for item in items(inbox):
            self._notes.append((time.monotonic(), item))
        return
        yield  # makes this function a generator


class Spies:
    """Steps with a spy in each meeting."""

    def __init__(self) -> None:
        self.notes: list[list[tuple[float, Span]]] = []
        """For each meeting, what passed and when."""

    def steps_of(self, sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
        """Return the live steps, and a look at them."""
        notes: list[tuple[float, Span]] = []
        if sound.live:
            self.notes.append(notes)
        return [*live_steps_of(sound, pool, options), Step(Spy(notes))]
