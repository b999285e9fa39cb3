from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.score import word_errors
from stages.engine import Card, Engine, EngineHost, Progress
from stages.engine_errors import CannotDo, EngineError, EngineMissing, LanguageNotSpoken
from stages.engines.moonshine import Moonshine
from stages.engines.pocketsphinx import PocketSphinx
from stages.speech import SAMPLE_RATE, Gap, Mark, Span, Speech, Word, seconds
from stages.transcribe import Aligned, Aligner, Heard, HeardWord, Transcribe, Transcriber, Wish
from tests.collect import collect
from tests.held_sound import HeldSound
from tests.sounds import shipped, speech

Floats = NDArray[np.float32]
Answer = Callable[[Floats], Heard]


class Fake(Engine):
    """The part of an engine that every one has."""

    card = Card(engine="fake", model="fake", revision="1", licence="MIT", attribution="", languages=("en",))
    missing = False

    def on_disk(self) -> bool:
        return True

    def download(self, progress: Progress, again: bool = False) -> None:
        pass

    def load(self, devices: Sequence[int]) -> None:
        if self.missing:
            raise EngineMissing("fake", "fake", "pip install fake")

    def unload(self) -> None:
        pass


class FakeRecognizer(Fake):
    """Answers each stretch as it is told to."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.calls: list[list[int]] = []
        """Samples of the stretches of each call."""
        self.loudest = 0.0

    def check(self, wish: Wish) -> None:
        Moonshine().check(wish)

    def transcribe(self, stretches: Sequence[Floats], wish: Wish) -> list[Heard]:
        self.calls.append([len(stretch) for stretch in stretches])
        self.loudest = max(self.loudest, *(float(stretch.max()) for stretch in stretches))
        return [self.answer(stretch) for stretch in stretches]


class FakeAligner(Fake):
    """Gives every word a tenth of a second."""

    def __init__(self, *, doubtful: bool = False, refuses: bool = False) -> None:
        self.doubtful, self.refuses = doubtful, refuses

    def align(self, stretch: Floats, words: Sequence[str]) -> Aligned:
        if self.refuses:
            raise EngineError("The words do not fit.")
        return Aligned([(at / 10, (at + 1) / 10) for at in range(len(words))], self.doubtful)


def heard(text: str, confidence: float | None = 0.9, *, complete: bool = True) -> Heard:
    return Heard(tuple(HeardWord(word, confidence) for word in text.split()), "en", complete)


def saying(text: str, confidence: float | None = 0.9) -> FakeRecognizer:
    return FakeRecognizer(lambda _: heard(text, confidence))


def loud(length: float) -> HeldSound:
    rng = np.random.default_rng(0)
    return HeldSound({"0": rng.normal(0, 0.1, int(length * SAMPLE_RATE)).astype(np.float32)})


def stage(
    recognizer: Transcriber, aligner: Aligner | None = None, sound: HeldSound | None = None, size: int = 4
) -> Transcribe:
    return Transcribe(sound or loud(60), EngineHost(recognizer), EngineHost(aligner) if aligner else None, batch=size)


def words(items: Sequence[Span]) -> list[str]:
    return [item.text for item in items if isinstance(item, Word)]


def gaps(items: Sequence[Span]) -> list[Gap]:
    return [item for item in items if isinstance(item, Gap)]


pytestmark = pytest.mark.anyio


async def test_words_are_placed_by_the_aligner() -> None:
    found = await collect(stage(saying("Good morning."), FakeAligner()), [Speech(start=2, end=4)])
    assert found == [
        Word(start=2.0, end=2.1, text="Good", confidence=0.9),
        Word(start=2.1, end=2.2, text="morning.", confidence=0.9),
    ]


async def test_times_of_the_model_come_first_and_stay_within_the_stretch() -> None:
    timed = Heard((HeardWord("Good", 0.9, -0.2, 0.5), HeardWord("morning.", 1.2, 0.4, 9.0)))
    found = await collect(stage(FakeRecognizer(lambda _: timed), FakeAligner()), [Speech(start=2, end=4)])
    assert found == [
        Word(start=2.0, end=2.5, text="Good", confidence=0.9),
        Word(start=2.5, end=4.0, text="morning.", confidence=1.0),
    ]


async def test_where_alignment_fails_words_are_spread_and_a_gap_says_so() -> None:
    found = await collect(stage(saying("I see.", 0.95), FakeAligner(refuses=True)), [Speech(start=2, end=4)])
    assert [(item.start, item.end) for item in found] == [(2, 4), (2.0, 2.4), (2.4, 4.0)]
    (gap,) = gaps(found)
    assert gap.stage == "align"
    assert gap.reason == "Word times in this stretch are estimated. The words do not fit."


async def test_without_an_aligner_words_are_spread_too() -> None:
    found = await collect(stage(saying("I see.")), [Speech(start=2, end=4)])
    assert words(found) == ["I", "see."]
    assert [gap.stage for gap in gaps(found)] == ["align"]


async def test_an_aligner_that_cannot_be_loaded_costs_the_times_only() -> None:
    aligner = FakeAligner()
    aligner.missing = True
    found = await collect(stage(saying("I see.", 0.5), aligner), [Speech(start=2, end=4)])
    assert words(found) == ["I", "see."]
    assert "pip install fake" in gaps(found)[0].reason


async def test_improbable_words_that_the_aligner_doubts_are_not_believed() -> None:
    aligners = [FakeAligner(doubtful=True), FakeAligner(refuses=True), FakeAligner()]
    found = [await collect(stage(saying("Thank you.", 0.5), one), [Speech(start=2, end=4)]) for one in aligners]
    assert [words(items) for items in found] == [[], [], ["Thank", "you."]]
    assert [gap.stage for gap in gaps(found[0])] == ["transcribe"]


@pytest.mark.parametrize(
    ("text", "confidence", "kept"),
    [("Hello.", 0.3, True), ("Hello.", 0.2, False), ("You", 0.8, False), ("It is right over there", 0.7, True)],
)
async def test_the_aligner_has_a_say_in_what_is_believed(text: str, confidence: float, kept: bool) -> None:
    aligner = FakeAligner(doubtful=confidence > 0.5)
    found = await collect(stage(saying(text, confidence), aligner), [Speech(start=2, end=4)])
    assert words(found) == (text.split() if kept else [])


async def test_silence_and_signs_leave_nothing() -> None:
    silence = HeldSound({"0": np.zeros(60 * SAMPLE_RATE, np.float32)})
    assert await collect(stage(saying("Thank you."), FakeAligner(), silence), [Speech(start=2, end=4)]) == []
    assert await collect(stage(saying("♪ — ♪"), FakeAligner()), [Speech(start=2, end=4)]) == []


async def test_a_loop_is_tried_again_on_both_halves() -> None:
    recognizer = FakeRecognizer(lambda one: heard("a bit of " * 12 if len(one) > 5 * SAMPLE_RATE else "a bit of it"))
    found = await collect(stage(recognizer, FakeAligner()), [Speech(start=2, end=10)])
    assert words(found) == ["a", "bit", "of", "it"] * 2
    assert gaps(found) == []
    assert [len(call) for call in recognizer.calls] == [1, 2]
    assert sum(recognizer.calls[1]) == 8 * SAMPLE_RATE


async def test_a_loop_that_stays_is_said_once_and_a_gap_tells() -> None:
    found = await collect(stage(saying("well " + "a bit of " * 12), FakeAligner()), [Speech(start=2, end=10)])
    assert words(found) == ["well", "a", "bit", "of"] * 2
    assert [(gap.stage, "repeated itself" in gap.reason) for gap in gaps(found)] == [("transcribe", True)] * 2


async def test_an_answer_that_was_cut_short_keeps_its_words_and_a_gap() -> None:
    found = await collect(
        stage(FakeRecognizer(lambda _: heard("and then", complete=False)), FakeAligner()), [Speech(start=2, end=3)]
    )
    assert words(found) == ["and", "then"]
    assert "stopped early" in gaps(found)[0].reason


async def test_a_failing_stretch_becomes_a_gap_and_its_neighbours_do_not() -> None:
    def answer(stretch: Floats) -> Heard:
        if len(stretch) == 3 * SAMPLE_RATE:
            raise EngineError("This one is broken.")
        return heard("fine")

    recognizer = FakeRecognizer(answer)
    speeches = [Speech(start=0, end=2), Speech(start=5, end=8), Speech(start=10, end=12)]
    found = await collect(stage(recognizer, FakeAligner()), speeches)
    assert words(found) == ["fine", "fine"]
    assert gaps(found) == [Gap(start=5, end=8, stage="transcribe", reason="This one is broken.")]
    assert [len(call) for call in recognizer.calls] == [3, 1, 2, 1, 1]


async def test_a_recognizer_that_cannot_be_loaded_ends_the_stage() -> None:
    recognizer = saying("fine")
    recognizer.missing = True
    with pytest.raises(EngineMissing, match="pip install fake"):
        await collect(stage(recognizer), [Speech(start=0, end=2)])


async def test_a_call_covers_at_most_thirty_seconds() -> None:
    recognizer = saying("fine")
    sound = loud(200)
    speeches = [Speech(start=20 * at, end=20 * at + 14) for at in range(4)] + [Speech(start=90, end=170)]
    found = await collect(stage(recognizer, FakeAligner(), sound, size=8), speeches)
    assert all(sum(call) <= 30 * SAMPLE_RATE for call in recognizer.calls)
    assert [len(call) for call in recognizer.calls[:2]] == [2, 2]
    assert sum(map(sum, recognizer.calls)) == (4 * 14 + 80) * SAMPLE_RATE
    assert [item.start for item in found] == sorted(item.start for item in found)


async def test_the_sound_is_brought_to_the_level_of_the_detector() -> None:
    recognizer = saying("fine")
    sound = HeldSound({"0": np.full(2 * SAMPLE_RATE, 0.01, np.float32)})
    await collect(stage(recognizer, FakeAligner(), sound), [Speech(start=0, end=2, level=5.0)])
    assert recognizer.loudest == pytest.approx(0.05)


async def test_marks_follow_the_words_before_them() -> None:
    inbox: list[Speech | Mark] = [Speech(start=0, end=2), Mark(start=10, end=10), Speech(start=11, end=12)]
    found = await collect(stage(saying("fine"), FakeAligner()), inbox)
    assert [type(item) for item in found] == [Word, Mark, Word]


async def test_live_each_stretch_is_worked_on_as_it_comes() -> None:
    recognizer = saying("fine")
    found = await collect(stage(recognizer, FakeAligner()), [Speech(start=0, end=2), Speech(start=5, end=7)], live=True)
    assert words(found) == ["fine", "fine"]


@pytest.mark.parametrize(
    ("wish", "error"), [(Wish(language="fr"), LanguageNotSpoken), (Wish(language="en", target="de"), CannotDo)]
)
async def test_what_the_model_cannot_do_is_refused_before_any_sound_is_read(wish: Wish, error: type[Exception]) -> None:
    sound = loud(2)
    with pytest.raises(error, match="moonshine"):
        Transcribe(sound, EngineHost(Moonshine()), None, wish)
    assert sound.asked == []


async def test_a_reading_comes_out_as_written_whatever_the_batch() -> None:
    reading = speech(shipped("two_cities.wav"))[: 20 * SAMPLE_RATE]
    sound = HeldSound({"0": reading})
    cuts = [0.0, 4.2, 9.6, 15.0, seconds(len(reading))]
    speeches = [Speech(start=start, end=end) for start, end in pairwise(cuts)]
    runs = [await collect(stage(Moonshine(), PocketSphinx(), sound, size), speeches) for size in (1, 4)]
    assert runs[0] == runs[1]
    text = (
        "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, "
        "it was the epoch of belief, it was the epoch of incredulity"
    )
    assert word_errors(text, " ".join(words(runs[0])[: len(text.split())])).wer < 0.1
    said = [item for item in runs[0] if isinstance(item, Word)]
    assert all(before.end <= after.start for before, after in pairwise(said))
    assert all(word.confidence is not None and 0 < word.confidence <= 1 for word in said)
    assert gaps(runs[0]) == []
