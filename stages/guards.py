"""What an engine heard -> what of it is to be believed, and why the rest is not."""

import math
import re
import unicodedata
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.heard import Heard, HeardWord
from stages.speech import SAMPLE_RATE

NOT_UNDERSTOOD = "What is said here could not be understood."

LONGEST_PHRASE = 12
"""Words of a phrase that may be caught in a loop."""
FEW = 2
"""Words up to which a text is too short for its probability to mean much."""
LOOP_IN_WORD = re.compile(r"(.{1,8}?)\1{7,}")
"""A word that is one piece over and over: hahahahahahahaha."""


class Guards(msgspec.Struct, frozen=True, kw_only=True):
    """When text is not believed. Confidence of a text is the geometric mean of its words' confidences.

    Of 2,311 words made up from 20 minutes of noise, clicks, melodies and speech played backwards, 41 passed.
    """

    least_confidence: float = 0.37
    """Text less probable than this is not believed: a mean log-probability under -1. Source: Radford et al., Robust
    Speech Recognition via Large-Scale Weak Supervision, 2022, 4.5. Of 300 sentences read by five synthetic voices none
    had less than 0.59."""
    least_confidence_agreed: float = 0.25
    """The same where the aligner finds the words in the sound: a lone "Hello." can have 0.3."""
    least_confidence_doubted: float = 0.6
    """The same where the aligner doubts the words, or cannot place them. Of 59 stretches of 8 s, most of them far from
    the microphone, these were 11; they read like "Thank you for watching!" and "I'm ready to move on to the next one".
    """
    least_confidence_doubted_few: float = 0.9
    """The same for one or two words, which say little about probability: out of a breath came "You" with 0.8."""
    softest_decibels: float = -75.0
    """Root mean square of a stretch, in decibels of full scale, below which there is nothing to hear. Synthetic speech
    at -70 was still understood nine words in ten."""
    most_words_per_second: float = 9.0
    """Nobody says more: hurried talk is 5 to 6."""
    looped_words: int = 8
    """Words that a phrase said over and over fills at least, to be a loop: people say "no" five times."""
    fewest_repeats: int = 4
    """How often it is said at least."""
    fewest_repeats_of_sentence: int = 3
    """The same for a phrase of at least `sentence_words`. Cut after nine seconds, a reading of "it was the age of
    foolishness" came out as that, three times; nobody repeats himself to the letter."""
    sentence_words: int = 5
    """Words of a phrase that count as a sentence."""

    def least(self, words: int, doubtful: bool | None) -> float:
        """Return the least confidence of so many words, which the aligner doubts or not; None where none was asked."""
        if doubtful is None:
            return self.least_confidence
        if not doubtful:
            return self.least_confidence_agreed
        return self.least_confidence_doubted if words > FEW else self.least_confidence_doubted_few


class Judged(msgspec.Struct, frozen=True):
    """What is left of an answer."""

    words: tuple[HeardWord, ...]
    """To be believed."""
    reason: str | None = None
    """Why the rest is not, a sentence for the reader; None where nothing is missing."""
    again: bool = False
    """Whether the engine may do better on shorter pieces of the same sound."""


def judge(heard: Heard, sound: NDArray[np.float32], guards: Guards) -> Judged:
    """Keep what can be believed of what was heard in a sound."""
    words = tuple(word for word in heard.words if any(letter.isalnum() for letter in word.text))
    if not words or decibels(sound) < guards.softest_decibels:
        return Judged(())
    kept = without_loops(words, guards)
    if len(kept) < len(words):
        once = kept if believed(kept, guards.least_confidence_agreed) else ()
        return Judged(once, "The recognizer repeated itself here; the repetitions are left out.", again=True)
    if len(words) > guards.most_words_per_second * len(sound) / SAMPLE_RATE + 1:
        return Judged((), "More was recognized here than anybody can say.", again=True)
    if not believed(words, guards.least_confidence_agreed) or (heard.language == "en" and not in_latin(words)):
        return Judged((), NOT_UNDERSTOOD)
    if not heard.complete:
        return Judged(words, "The recognizer stopped early here; something may be missing.", again=True)
    return Judged(words)


def believed(words: Sequence[HeardWord], least: float) -> bool:
    """Return whether a text is at least so probable, as far as the model tells."""
    logs = [math.log(max(word.confidence, 1e-9)) for word in words if word.confidence is not None]
    return not logs or sum(logs) / len(logs) >= math.log(least)


def in_latin(words: Sequence[HeardWord]) -> bool:
    """Return whether all letters are Latin ones: out of melodies, an English model made Thai."""
    letters = {letter for word in words for letter in word.text if letter.isalpha()}
    return all(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)


def decibels(sound: NDArray[np.float32]) -> float:
    """Return the level of a sound in decibels of full scale."""
    power = float(np.square(sound, dtype=np.float64).mean()) if sound.size else 0.0
    return 10 * math.log10(power + 1e-12)


def without_loops(words: tuple[HeardWord, ...], guards: Guards) -> tuple[HeardWord, ...]:
    """Return the words with one round of every loop, and without words that are loops themselves."""
    words = tuple(word for word in words if not LOOP_IN_WORD.search(word.text.lower()))
    texts = [re.sub(r"\W", "", word.text.lower()) for word in words]
    kept: list[HeardWord] = []
    at = 0
    while at < len(words):
        length, repeats = _loop(texts, at, guards)
        kept += words[at : at + length]
        at += length * repeats
    return tuple(kept)


def _loop(texts: Sequence[str], at: int, guards: Guards) -> tuple[int, int]:
    """Return the length of the phrase that begins here and how often it is said; one word, once, if it is no loop."""
    for length in range(1, LONGEST_PHRASE + 1):
        phrase, repeats = texts[at : at + length], 1
        while texts[at + repeats * length : at + (repeats + 1) * length] == phrase:
            repeats += 1
        sentence = length >= guards.sentence_words
        fewest = guards.fewest_repeats_of_sentence if sentence else guards.fewest_repeats
        if repeats >= fewest and repeats * length >= guards.looped_words:
            return length, repeats
    return 1, 1
