"""An engine that takes many stretches a call: gathered offline through marks, never waited for live, never lost."""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import ClassVar

import msgspec
import numpy as np
import pytest

from pipeline.artifacts import Artifacts
from pipeline.manifest import Recipe
from pipeline.plan import Plan
from pipeline.runner import StageFailed, run
from stages.engine import EngineHost
from stages.engine_errors import EngineError
from stages.engines.moonshine import Moonshine
from stages.heard import Heard, Wish
from stages.speech import SAMPLE_RATE, AudioChunk, Mark, Span, Speech, Word
from stages.stage import Inbox, Stage, items
from stages.transcribe import Transcribe
from storage.artifact_store import open_store
from tests.collect import ListInbox, collect, flow
from tests.contracts import check_gathering
from tests.held_sound import HeldSound
from tests.pipeline.toys import Notes
from tests.sounds import shipped, speech
from tests.stages.test_transcribe import FakeAligner, FakeRecognizer, Floats, heard

pytestmark = pytest.mark.anyio


class Gathering(FakeRecognizer):
    """Takes four stretches a call; names each by its loudest sample, so that none is taken for another."""

    card = msgspec.structs.replace(FakeRecognizer.card, batch=4)

    def __init__(self, most: int = 4, breaks_at: int | None = None) -> None:
        super().__init__(lambda one: heard(f"w{round(float(one.max()) * 1000)}"))
        self.most = most
        """Stretches for which there is memory."""
        self.breaks_at = breaks_at
        """Number of the call that breaks the run, from 1 on."""

    def transcribe(self, stretches: Sequence[Floats], wish: Wish) -> list[Heard]:
        found = super().transcribe(stretches, wish)
        if len(self.calls) == self.breaks_at:
            raise ZeroDivisionError("by hand")
        if len(stretches) > self.most:
            raise EngineError("CUDA out of memory.")
        return found


class Line(Stage[AudioChunk, Speech]):
    """Finds what it was told to find."""

    name: ClassVar[str] = "line"
    consumes: ClassVar[tuple[type[Span], ...]] = (AudioChunk,)
    produces: ClassVar[tuple[type[Span], ...]] = (Speech,)

    def __init__(self, line: Sequence[Speech | Mark]) -> None:
        self.line = line

    async def run(self, inbox: Inbox[AudioChunk]) -> AsyncGenerator[Speech | Mark, None]:
        """Begin where the sound begins."""
        told = False
        async for chunk in items(inbox):
            for item in () if told else self.line:
                if item.end > chunk.start:
                    yield item
            told = True


def minutes(count: int) -> tuple[HeldSound, list[Speech | Mark]]:
    """Return so many minutes of sound, with two stretches and a mark in each."""
    sound = np.repeat(np.linspace(0.1, 0.9, count * 2).astype(np.float32), 30 * SAMPLE_RATE)
    line: list[Speech | Mark] = []
    for minute in range(count):
        start = 60.0 * minute
        line += [Speech(start=start, end=start + 20), Speech(start=start + 30, end=start + 50)]
        line.append(Mark(start=start + 60, end=start + 60))
    return HeldSound({"0": sound}), line


def transcribe(recognizer: FakeRecognizer, sound: HeldSound) -> Transcribe:
    return Transcribe(sound, EngineHost(recognizer), EngineHost(FakeAligner()))


async def test_offline_a_call_is_filled_through_marks_and_they_stay_in_their_places() -> None:
    sound, line = minutes(5)
    recognizer = Gathering()
    found = await collect(transcribe(recognizer, sound), line)
    assert [len(call) for call in recognizer.calls] == [4, 4, 2]
    small = Gathering()
    small.card = FakeRecognizer.card
    assert found == await collect(transcribe(small, sound), line)
    assert max(map(len, small.calls)) == 1, "20 s and 20 s are more than 30 s"
    assert [type(item) for item in found] == [Word, Word, Mark] * 5


async def test_live_nothing_waits_for_a_call_to_be_full() -> None:
    sound, line = minutes(4)
    recognizer = Gathering()
    speeches = [item for item in line if isinstance(item, Speech)]
    inbox: ListInbox[Speech] = ListInbox(speeches, live=True, burst=1)
    found = [item async for item in flow(transcribe(recognizer, sound), inbox)]
    assert [len(call) for call in recognizer.calls] == [1] * 8
    behind = Gathering()
    late: ListInbox[Speech] = ListInbox(speeches, live=True, burst=4)
    assert found == [item async for item in flow(transcribe(behind, sound), late)], "late, and the same"
    assert [len(call) for call in behind.calls] == [4, 4]


async def test_where_there_is_too_little_memory_a_call_is_halved() -> None:
    sound, line = minutes(4)
    recognizer, roomy = Gathering(most=2), Gathering()
    found = await collect(transcribe(recognizer, sound), line)
    assert found == await collect(transcribe(roomy, sound), line)
    assert [len(call) for call in recognizer.calls] == [4, 2, 2, 4, 2, 2]


async def test_loops_are_tried_again_together() -> None:
    def answer(one: Floats) -> Heard:
        return heard("a bit of " * 12 if len(one) > 16 * SAMPLE_RATE else "a bit of it")

    recognizer = FakeRecognizer(answer)
    recognizer.card = Gathering.card
    sound, line = minutes(2)
    found = await collect(transcribe(recognizer, sound), line)
    assert [len(call) for call in recognizer.calls] == [4, 8]
    assert [item.text for item in found if isinstance(item, Word)] == ["a", "bit", "of", "it"] * 8
    assert [item.start for item in found] == sorted(item.start for item in found)


async def test_a_killed_run_has_one_call_to_do_again_and_ends_as_if_undisturbed() -> None:
    sound, line = minutes(8)
    store, whole = open_store("memory:"), Notes()
    await run(Plan([Line(line), transcribe(Gathering(), sound)]), sound, whole)
    recipes = {"line": Recipe(), "transcribe": Recipe(producers=("line",))}
    calls: list[int] = []
    for breaks_at in (2, 2, None):
        recognizer = Gathering(breaks_at=breaks_at)
        artifacts = await Artifacts.open(store, "m", recipes)
        kept = {name: await artifacts.kept(name) for name in recipes}
        with contextlib.suppress(StageFailed):
            await run(Plan([Line(line), transcribe(recognizer, sound)]), sound, artifacts, kept)
        calls.append(sum(map(len, recognizer.calls)))
    after = await Artifacts.open(store, "m", recipes)
    made = [item async for item in (await after.kept("transcribe")).items()]
    assert made == whole.made["transcribe"]
    assert sum(calls) <= 16 + 2 * 4 + 4, f"{calls}: two calls were lost, and what came after the last mark before them"


async def test_moonshine_says_the_same_whatever_the_call_holds() -> None:
    await check_gathering(Moonshine(), speech(shipped("two_cities.wav"))[: 12 * SAMPLE_RATE])
