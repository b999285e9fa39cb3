"""Sound of one track -> blocks for a detector, and its answers -> speech and marks."""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from stages.level import Levelling, factor, finite, levels
from stages.speech import SAMPLE_RATE, AudioChunk, Gap, Mark, OpenSpeech, Speech, seconds
from stages.stretches import Closed, Detection, Forgotten, Stretches

STEP = 4
"""Frames that get the same gain, counted from the last mark: the smallest piece of sound that is worked on."""
MOST_SECONDS = 4.0
"""Longest block: what lies beyond a mark is heard again, so blocks are short against the way between marks."""

LONGER_SHARE = 0.1
"""An open stretch is told again when it has grown by this share."""

State = TypeVar("State")


class Ear(Generic[State]):
    """Hears one track without holes; forgets everything at a mark but how loud the last seconds were."""

    def __init__(self, detection: Detection, levelling: Levelling, frame: int, track: str) -> None:
        self.states: Sequence[State] = ()
        """What the detector remembers of each version of the sound; empty where it is to begin afresh."""
        self.end = 0
        """Sample after the last one taken."""
        self._detection, self._levelling, self._frame, self._track = detection, levelling, frame, track
        self._memory = levelling.memory(frame)
        self._kept = int((detection.pause_search_seconds + detection.pad_seconds) * SAMPLE_RATE / frame) + STEP
        longest = int(detection.longest_seconds * SAMPLE_RATE / frame)
        self._most = max(STEP, int(MOST_SECONDS * SAMPLE_RATE / frame) // STEP * STEP)
        self._remembered = max(self._memory, longest) + self._kept + self._most
        self._waiting = self._past = np.zeros(0, np.float32)
        self._levels = np.zeros(0, np.float64)
        self._gains: list[float] = []
        self._first = self._told = self._counted = 0
        self._stretches = Stretches(detection, frame)

    @property
    def memory(self) -> int:
        """Samples before its first one from which it wants to know the level: a whole number of frames."""
        return self._memory * self._frame

    def begin(self, first: int, before: NDArray[np.float32]) -> None:
        """Begin at a sample, having heard nothing; `before` is the sound that leads up to it."""
        self.end = first
        self._levels = levels(finite(before), self._frame)
        self._forget(first)

    def take(self, chunk: AudioChunk) -> None:
        """Take sound that continues what was taken so far; samples that were taken already are passed over."""
        new = chunk.samples[self.end - chunk.first_sample :]
        self._waiting = np.concatenate((self._waiting, finite(new)))
        self.end += new.size

    def block(self, *, last: bool = False) -> list[NDArray[np.float32]]:
        """Return sound for the detector, once for each level it is to hear it at; nothing if more is needed first.

        `last` asks for all there is: the sound is filled up with silence to a whole frame.
        """
        if last:
            self._waiting = np.pad(self._waiting, (0, -self._waiting.size % self._frame))
        count = self._waiting.size // self._frame
        count = min(count if last else count // STEP * STEP, self._most)
        if not count:
            return []
        block, self._waiting = np.split(self._waiting, [count * self._frame])
        self._past = np.concatenate((self._past[-self._kept * self._frame :], block))
        self._gains = self._follow(levels(block, self._frame))
        return [self._louder(block, extra) for extra in self._levelling.extra_decibels]

    def hear(self, likely: NDArray[np.float32]) -> Iterator[Speech | Mark]:
        """Yield what the detector's answer to the last block makes certain."""
        began = self._stretches.heard
        for event in self._stretches.hear(likely.tolist()):
            if isinstance(event, Closed):
                yield self._speech(event)
            else:
                yield self._go_back(event, began + likely.size)

    def tell(self, every_seconds: float) -> Iterator[OpenSpeech]:
        """Yield the open stretch if it is new, or has grown, by so much since it was last told; and when it is quiet.

        A long one is told more seldom: each time it is heard again as a whole.
        """
        stretch = self._stretches.open
        if stretch is None:
            return
        start, end = self._sample(stretch.first), self._sample(stretch.last)
        enough = max(every_seconds * SAMPLE_RATE, LONGER_SHARE * (end - start))
        if end - max(start, self._told) >= (1 if self._stretches.is_settled else enough):
            self._told = end
            yield OpenSpeech(start=seconds(start), end=seconds(end), track=self._track, level=self._level(stretch))

    def lose(self, stage: str, reason: str) -> Iterator[Speech | Gap | Mark]:
        """Give up the last block, and go on afresh behind it."""
        first, last = self._sample(self._stretches.heard), self._sample(self._counted)
        yield from self.finish()
        yield Gap(start=seconds(first), end=seconds(last), track=self._track, stage=stage, reason=reason)
        yield self._mark(last)
        self._forget(last)

    def finish(self) -> Iterator[Speech]:
        """Yield the stretch that the end of the sound closes."""
        for stretch in self._stretches.end():
            yield self._speech(stretch)

    def _louder(self, block: NDArray[np.float32], extra: float) -> NDArray[np.float32]:
        factors = np.repeat([factor(gain + extra) for gain in self._gains], STEP * self._frame)[: block.size]
        louder: NDArray[np.float32] = np.clip(block * factors, -1.0, 1.0).astype(np.float32)
        return louder

    def _follow(self, new: NDArray[np.float64]) -> list[float]:
        """Return the gain for each step of frames, taken from the frames up to its end."""
        before = self._levels.size
        self._levels = np.concatenate((self._levels, new))
        ends = range(before + STEP, self._levels.size + STEP, STEP)
        gains = [self._levelling.decibels(self._levels[max(0, end - self._memory) : end]) for end in ends]
        self._levels = self._levels[-self._remembered :]
        self._counted += new.size
        return gains

    def _go_back(self, event: Forgotten, heard: int) -> Mark:
        """Take up again what was heard beyond the place to forget."""
        again = heard - event.at
        if again:
            self._waiting = np.concatenate((self._past[-again * self._frame :], self._waiting))
            self._levels = self._levels[:-again]
        mark = self._mark(self._sample(event.at))
        self._forget(self._sample(event.at))
        return mark

    def _forget(self, first: int) -> None:
        self._first = self._told = first
        self._counted = 0
        self._past = self._past[:0]
        self._stretches = Stretches(self._detection, self._frame)
        self.states = ()

    def _sample(self, frame: int) -> int:
        return min(self._first + frame * self._frame, self.end)

    def _mark(self, sample: int) -> Mark:
        return Mark(start=seconds(sample), end=seconds(sample), track=self._track)

    def _speech(self, stretch: Closed) -> Speech:
        start, end = seconds(self._sample(stretch.first)), seconds(self._sample(stretch.last))
        return Speech(start=start, end=end, track=self._track, level=self._level(stretch))

    def _level(self, stretch: Closed) -> float:
        """Return the gain that the frames of the stretch ask for by themselves."""
        behind = self._levels.size - self._counted
        return factor(self._levelling.decibels(self._levels[behind + stretch.first : behind + stretch.last]))
