"""Hypotheses follow the newest state of an open stretch, agree on more and more, and end with the stretch."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.agree import Agreement
from stages.engine import Card, EngineHost, Progress
from stages.engine_errors import EngineError
from stages.hypothesize import Hypothesize
from stages.speech import Hypothesis, OpenSpeech, Span, Speech
from stages.transcribe import Heard, HeardWord, Wish
from tests.collect import ListInbox, collect, flow
from tests.pipeline.toys import Silence

pytestmark = pytest.mark.anyio

WORDS = "we shall meet again on Monday at nine"


class Dictation:
    """A small real engine: it hears one word of a known sentence for each half second of sound."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.heard: list[float] = []
        self.fails_at = fails_at

    @property
    def card(self) -> Card:
        return Card(engine="dictation", model="none", revision="1", licence="MIT", attribution="nobody")

    def on_disk(self) -> bool:
        return True

    def download(self, progress: Progress, again: bool = False) -> None:
        progress(0, 0)

    def load(self, devices: Sequence[int]) -> None:
        return

    def unload(self) -> None:
        return

    def check(self, wish: Wish) -> None:
        return

    def transcribe(self, stretches: Sequence[NDArray[np.float32]], wish: Wish) -> list[Heard]:
        count = len(stretches[0]) // 8000
        self.heard.append(len(stretches[0]) / 16_000)
        if count == self.fails_at:
            raise EngineError("Two words are too much.")
        return [Heard(tuple(HeardWord(word) for word in WORDS.split()[:count]))]


def growing(*ends: float, start: float = 0.0, track: str = "0") -> list[OpenSpeech]:
    return [OpenSpeech(start=start, end=end, track=track) for end in ends]


async def test_each_hypothesis_replaces_the_one_before_and_agrees_on_more() -> None:
    host = EngineHost(Dictation())
    inbox: ListInbox[OpenSpeech | Speech] = ListInbox(growing(0.5, 1.2, 1.9), live=True, burst=1)
    made = [item async for item in flow(Hypothesize(Silence(10), host), inbox)]
    assert [(h.text, h.text[: h.agreed]) for h in made if isinstance(h, Hypothesis)] == [
        ("we", ""),
        ("we shall", ""),
        ("we shall meet", "we"),
    ]
    await host.close()


async def test_what_piled_up_is_skipped() -> None:
    host = EngineHost(Dictation())
    inbox: ListInbox[OpenSpeech | Speech] = ListInbox(growing(0.5, 1.0, 1.5, 2.0), live=True, burst=4)
    made = [item async for item in flow(Hypothesize(Silence(10), host), inbox)]
    assert [h.end for h in made] == [2.0]
    await host.close()


async def test_a_stretch_that_closed_gives_no_hypothesis() -> None:
    host = EngineHost(Dictation())
    items: list[OpenSpeech | Speech] = [*growing(0.5, 1.0), Speech(start=0, end=1.2), *growing(4.5, start=4.0)]
    made: list[Span] = [*await collect(Hypothesize(Silence(10), host), items, live=True)]
    assert [(h.start, h.text) for h in made if isinstance(h, Hypothesis)] in ([], [(4.0, "we")])
    assert 1.0 not in host.engine.heard
    await host.close()


async def test_a_hypothesis_that_fails_is_no_failure_of_the_stage() -> None:
    host = EngineHost(Dictation(fails_at=2))
    inbox: ListInbox[OpenSpeech | Speech] = ListInbox(growing(1.0, 1.5), live=True, burst=1)
    made = [item async for item in flow(Hypothesize(Silence(10), host), inbox)]
    assert [h.text for h in made if isinstance(h, Hypothesis)] == ["", "we shall meet"]
    await host.close()


async def test_spare_time_begins_when_nobody_else_wants_the_engine() -> None:
    host = EngineHost(Dictation())
    sound = np.zeros(16_000, np.float32)
    order: list[str] = []

    async def final(name: str) -> None:
        await host.call(Dictation.transcribe, [sound], Wish())
        order.append(name)

    async def spare(name: str) -> None:
        async with host.spare_time():
            order.append(name)

    await asyncio.gather(final("a"), final("b"), spare("x"), spare("y"), final("c"))
    assert order == ["a", "b", "c", "x", "y"]
    await host.close()


def test_agreement_ignores_case_and_punctuation_and_holds_the_last_word_back() -> None:
    said = Agreement().after("It was", 1.0).after("it was, the best", 1.7).after("It was the best of", 2.4)
    assert said.text[: said.characters] == "It was the"
    assert said.after("It was the", 3.1).agreed == 3, "what was agreed on stays so"
    assert said.after("It is the best of times", 3.1).agreed == 1, "unless it is contradicted"


def test_hypotheses_of_nearly_the_same_sound_do_not_count_as_two() -> None:
    said = Agreement().after("It is the best", 1.0).after("It is the best", 1.3)
    assert said.agreed == 0
    assert said.after("It is the best of", 1.7).agreed == 3
    assert said.after("It was the best of", 1.7).agreed == 1, "all that were heard meanwhile have to say so"
