"""When each item of a live meeting was made, and when engines were called: a stage and hosts that only look."""

import time
from collections.abc import AsyncGenerator, Callable
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

from pipeline.engine_pool import EnginePool, Role
from pipeline.options import Options
from pipeline.steps import Step, live_steps_of
from stages.engine import EngineHost
from stages.speech import Hypothesis, OpenSpeech, Span, SpeakerTurn, Speech, Transcribed, Utterance, Word
from stages.stage import Inbox, Sound, Stage, items

ROLES: tuple[Role, ...] = ("vad", "asr", "aligner", "diarizer", "embed")
Seen = Speech | OpenSpeech | Hypothesis | Word | Transcribed | Utterance | SpeakerTurn
Notes = list[tuple[float, Span]]
R = TypeVar("R")
P = ParamSpec("P")


class Spy(Stage[Seen, Span]):
    """Notes when items pass."""

    name: ClassVar[str] = "spy"
    consumes: ClassVar[tuple[type[Span], ...]] = (
        Speech,
        OpenSpeech,
        Hypothesis,
        Word,
        Transcribed,
        Utterance,
        SpeakerTurn,
    )
    produces: ClassVar[tuple[type[Span], ...]] = ()

    def __init__(self, notes: Notes) -> None:
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
        self.notes: list[Notes] = []
        """For each meeting, what passed and when, on `time.monotonic`."""

    def steps_of(self, sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
        """Return the live steps, and a look at them."""
        notes: Notes = []
        if sound.live:
            self.notes.append(notes)
        return [*live_steps_of(sound, pool, options), Step(Spy(notes))]


class WatchedHost(EngineHost[Any]):
    """Notes begin and end of each call, on `time.monotonic`."""

    def __init__(self, host: EngineHost[Any]) -> None:
        super().__init__(host.engine)
        self.calls: list[tuple[float, float]] = []
        self._asked = 0.0

    async def call(self, work: Callable[Concatenate[Any, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the work as any host, and note when."""

        def noted(engine: Any) -> R:
            began = time.monotonic()
            try:
                return work(engine, *args, **kwargs)
            finally:
                self.calls.append((began, time.monotonic()))

        return await super().call(noted)


async def watched(pool: EnginePool) -> dict[str, WatchedHost]:
    """Put a watched host into each role of a pool, and load it."""
    hosts: dict[str, WatchedHost] = {}
    for role in ROLES:
        host = hosts[role] = WatchedHost(pool.host(role))
        pool._hosts[role, pool.choice(role).engine] = host
        await host.load()
    return hosts
