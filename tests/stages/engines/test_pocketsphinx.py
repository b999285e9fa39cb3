from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.engine_errors import EngineError
from stages.engines.pocketsphinx import PocketSphinx
from stages.speech import SAMPLE_RATE
from tests.contracts import check_card
from tests.flite import VOICES, read_aloud
from tests.programs import needs_program

pytestmark = needs_program("flite")

SENTENCE = "Anna, would you like to begin with the kitchen and the new refrigerator?"


@pytest.fixture(scope="module")
def aligner() -> Iterator[PocketSphinx]:
    engine = PocketSphinx()
    engine.load(())
    yield engine
    engine.unload()


def off(aligner: PocketSphinx, text: str, voice: str = "slt") -> list[float]:
    """Return by how much each start is off, in seconds."""
    reading = read_aloud(text, voice)
    aligned = aligner.align(reading.samples, [word.text for word in reading.words])
    assert not aligned.doubtful
    starts = zip(aligned.times, reading.words, strict=True)
    return [abs(start - word.start) for (start, _), word in starts]


def test_it_says_what_it_is() -> None:
    engine = PocketSphinx()
    check_card(engine)
    assert engine.on_disk()
    engine.download(lambda done, total: None)


def test_words_begin_where_the_synthesizer_put_them(aligner: PocketSphinx) -> None:
    late = [error for voice in VOICES for error in off(aligner, SENTENCE, voice)]
    assert np.median(late) <= 0.02
    assert np.quantile(late, 0.9) <= 0.05


def test_numbers_and_compounds_are_one_word_each(aligner: PocketSphinx) -> None:
    late = off(aligner, "About 342 people paid $5 for a well-known book.", "rms")
    assert np.median(late) <= 0.02
    assert max(late) <= 0.1


def test_words_that_no_dictionary_has_are_found_too(aligner: PocketSphinx) -> None:
    late = off(aligner, "Our friend Zoltrina bought a green frobnicator near Kelmbruck yesterday.", "rms")
    assert np.median(late) <= 0.02
    assert max(late) <= 0.12


def test_what_nobody_says_lies_between_its_neighbours(aligner: PocketSphinx) -> None:
    reading = read_aloud("Let us begin with the kitchen.")
    words = ["—", "Let", "us", "—", "...", "begin", "with", "the", "kitchen.", "♪"]
    times = aligner.align(reading.samples, words).times
    assert len(times) == len(words)
    assert times[0][0] == 0
    assert times[0][1] == times[1][0]
    assert times[2][1] == times[3][0]
    assert times[-1] == (times[-2][1], len(reading.samples) / SAMPLE_RATE)


def test_times_are_in_order_and_within_the_sound(aligner: PocketSphinx) -> None:
    reading = read_aloud(SENTENCE, "awb")
    times = aligner.align(reading.samples, SENTENCE.split()).times
    assert all(start <= end for start, end in times)
    assert all(before[1] <= after[0] for before, after in pairwise(times))
    assert times[-1][1] <= len(reading.samples) / SAMPLE_RATE


def test_the_same_question_gets_the_same_answer_whatever_came_before(aligner: PocketSphinx) -> None:
    sound = read_aloud(SENTENCE).samples
    first = aligner.align(sound, SENTENCE.split())
    aligner.align(read_aloud("Something else.", "rms").samples, ["Something", "else."])
    again = PocketSphinx()
    again.load(())
    assert aligner.align(sound, SENTENCE.split()) == first
    assert again.align(sound, SENTENCE.split()) == first
    again.unload()


def test_how_loud_it_is_does_not_matter(aligner: PocketSphinx) -> None:
    sound = read_aloud(SENTENCE).samples
    soft = aligner.align(sound * np.float32(0.001), SENTENCE.split()).times
    assert np.allclose(soft, aligner.align(sound, SENTENCE.split()).times, atol=0.011)


def test_other_words_are_doubted_or_refused(aligner: PocketSphinx) -> None:
    sound = read_aloud(SENTENCE).samples
    other = "We had trouble with the paper last time".split()
    try:
        doubtful = aligner.align(sound, other).doubtful
    except EngineError as error:
        doubtful = "do not fit" in str(error)
    assert doubtful


@pytest.mark.parametrize(
    ("sound", "words", "reason"),
    [
        (np.zeros(SAMPLE_RATE, np.float32), ["♪"], "said aloud"),
        (np.zeros(SAMPLE_RATE // 10, np.float32), ["refrigerator"] * 9, "do not fit"),
        (np.zeros(0, np.float32), ["hello"], "do not fit"),
        (np.full(SAMPLE_RATE, np.nan, np.float32), ["hello"], "no numbers"),
    ],
)
def test_what_cannot_be_aligned_is_an_error(
    aligner: PocketSphinx, sound: NDArray[np.float32], words: list[str], reason: str
) -> None:
    with pytest.raises(EngineError, match=reason):
        aligner.align(sound, words)
