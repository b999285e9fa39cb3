"""Speech whose words are known with their times: what a live meeting hears in benches."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.score import normal_words
from stages.engines.pocketsphinx import PocketSphinx
from stages.speech import SAMPLE_RATE, seconds
from tests import flite
from tests.bench.voices import lines
from tests.sounds import shipped, speech

TEXTS = ("garden", "kitchen", "museum", "software")
PAUSES = (0.9, 1.6)
"""Silence between two sentences, in seconds."""
PHRASE_PAUSE = 0.75
"""A reader's pause that ends a stretch, and so a sentence in our sense, in seconds."""


class Sentence(msgspec.Struct, frozen=True):
    """What is said without a long pause."""

    words: Sequence[str]
    """As they are compared."""
    start: float
    """Onset of the first word, in seconds."""
    end: float
    """End of the last word, in seconds."""


class Spoken(msgspec.Struct, frozen=True, eq=False):
    """Sound and what is said in it."""

    samples: NDArray[np.float32]
    """Shape (n,), 16 kHz."""
    sentences: Sequence[Sentence]
    """In time order."""

    @property
    def text(self) -> str:
        """Everything that is said."""
        return " ".join(word for sentence in self.sentences for word in sentence.words)

    @property
    def pcm(self) -> bytes:
        """The samples as a client sends them."""
        return np.clip(np.rint(self.samples * 32767), -32768, 32767).astype("<i2").tobytes()


def read_by_voices(length: float, seed: int) -> Spoken:
    """Return at least so many seconds of sentences that synthetic voices read in turn, with pauses."""
    random = np.random.default_rng(seed)
    every = [line for name in TEXTS for line in lines(name)]
    parts, said, at = [np.zeros(SAMPLE_RATE // 2, np.float32)], list[Sentence](), SAMPLE_RATE // 2
    for number in random.permutation(np.arange(len(every) * 40) % len(every)):
        if at >= length * SAMPLE_RATE:
            break
        voice = flite.VOICES[int(random.integers(len(flite.VOICES)))]
        reading = flite.read_aloud(every[int(number)], voice)
        pause = np.zeros(round(random.uniform(*PAUSES) * SAMPLE_RATE), np.float32)
        words = tuple(word for told in reading.words for word in normal_words(told.text))
        first, last = reading.words[0], reading.words[-1]
        said.append(Sentence(words, seconds(at) + first.start, seconds(at) + last.end))
        parts += [reading.samples, pause]
        at += len(reading.samples) + len(pause)
    return Spoken(np.concatenate(parts), said)


def read_by_a_person() -> Spoken:
    """Return a reader's sound, its words timed by forced alignment with the text, cut where the reader pauses."""
    sound = speech(shipped("two_cities.wav"))
    words = " ".join(lines("two_cities")).replace("--", " ").split()
    engine = PocketSphinx()
    engine.load(())
    times = engine.align(sound, words).times
    said, begun = list[Sentence](), 0
    for at in range(len(words)):
        is_last = at + 1 == len(words) or times[at + 1][0] - times[at][1] >= PHRASE_PAUSE
        if is_last:
            told = tuple(word for text in words[begun : at + 1] for word in normal_words(text))
            said.append(Sentence(told, times[begun][0], times[at][1]))
            begun = at + 1
    return Spoken(sound, said)
