"""A stretch of sound under transcription: cut, gathered into calls, its words put on the clock of the meeting."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.heard import HeardWord
from stages.speech import SAMPLE_RATE, Gap, Mark, Word, seconds

Times = Sequence[tuple[float, float]]
"""Start and end of each word, in seconds from the start of the stretch."""


class Stretch(msgspec.Struct, frozen=True, eq=False):
    """Sound of one track in which somebody speaks."""

    track: str
    """The track it was heard on."""
    first: int
    """Its first sample in the meeting."""
    sound: NDArray[np.float32]
    """Shape (n,), in -1..1, 16 kHz."""

    @property
    def start(self) -> float:
        """Seconds from the start of the meeting."""
        return seconds(self.first)

    @property
    def end(self) -> float:
        """Seconds from the start of the meeting."""
        return seconds(self.first + len(self.sound))

    def cut(self, parts: Iterable[NDArray[np.float32]]) -> list["Stretch"]:
        """Return a stretch for each part of the sound, in order; together they are the whole."""
        cut: list[Stretch] = []
        first = self.first
        for part in parts:
            cut.append(Stretch(self.track, first, part))
            first += len(part)
        return cut

    def gap(self, stage: str, reason: str) -> Gap:
        """Return the gap that a stage leaves here."""
        return Gap(
            start=self.start,
            end=self.end,
            track=self.track,
            stage=stage,
            reason=reason,
        )


def calls(line: Iterable[Stretch | Mark], most: int, together: int = 1) -> Iterator[list[Stretch | Mark]]:
    """Cut a line of stretches of one track, and the marks between them, into what a call takes.

    That is at most `most` samples, or up to `together` stretches if those are more; a longer one stands alone.
    """
    group: list[Stretch | Mark] = []
    for item in line:
        if isinstance(item, Stretch) and not _fits(item, sounding(group), most, together):
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _fits(stretch: Stretch, group: Sequence[Stretch], most: int, together: int) -> bool:
    samples = sum(len(one.sound) for one in group) + len(stretch.sound)
    return not group or samples <= most or (together > 1 and len(group) < together)


def sounding(line: Iterable[Stretch | Mark]) -> list[Stretch]:
    """Return the stretches of a line."""
    return [item for item in line if isinstance(item, Stretch)]


def placed(stretch: Stretch, words: Sequence[HeardWord], times: Times) -> list[Word]:
    """Put words on the meeting's clock: within the stretch, in order, none before the end of the one before it."""
    start, end = seconds(stretch.first), seconds(stretch.first + len(stretch.sound))
    made: list[Word] = []
    last = start
    for word, (first, until) in zip(words, times, strict=True):
        begin = min(max(start + first, last), end)
        last = min(max(start + until, begin), end)
        confidence = None if word.confidence is None else min(max(word.confidence, 0.0), 1.0)
        made.append(Word(start=begin, end=last, track=stretch.track, text=word.text, confidence=confidence))
    return made


def spread(stretch: Stretch, words: Sequence[HeardWord]) -> list[tuple[float, float]]:
    """Share the stretch among the words by their letters."""
    edges = [0, *accumulate(len(word.text) for word in words)]
    whole = len(stretch.sound) / SAMPLE_RATE / max(1, edges[-1])
    return [(first * whole, last * whole) for first, last in pairwise(edges)]
