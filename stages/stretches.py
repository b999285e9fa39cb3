"""Probabilities of speech, frame by frame -> stretches of speech, and the places where the past may be forgotten."""

from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from stages.speech import SAMPLE_RATE


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """When speech begins, ends and is cut."""

    open_probability: float = 0.3
    """A stretch opens at a frame at least this likely to be speech, 0..1.

    Low, since words lost here are lost for good.
    """
    close_probability: float = 0.15
    """A frame below this is quiet, 0..1; never above `open_probability`."""
    min_speech_seconds: float = 0.09
    """A stretch with less time above `open_probability` is dropped."""
    min_silence_seconds: float = 0.6
    """Quiet that closes a stretch; never shorter than what is added after one."""
    pad_seconds: float = 0.3
    """Added before the first and after the last likely frame, as far as neighbours, marks and the sound reach."""
    tail_seconds: float | None = None
    """Added after the last likely frame in place of `pad_seconds`; None for the same."""
    longest_seconds: float = 15.0
    """A longer stretch is cut at its best pause."""
    pause_search_seconds: float = 5.0
    """How far back from the longest allowed end the best pause is looked for."""
    mark_after_seconds: float = 45.0
    """From here on after a mark, the next silence or cut gets a mark."""
    mark_within_seconds: float = 60.0
    """A mark comes at the latest so long after the one before; at least `mark_after_seconds` + `longest_seconds`."""

    def __post_init__(self) -> None:
        if not 0 < self.close_probability <= self.open_probability <= 1:
            raise ValueError("Detection needs 0 < close_probability <= open_probability <= 1.")
        if not 0 <= self.after_seconds <= self.min_silence_seconds:
            raise ValueError("Detection needs 0 <= tail_seconds, or else pad_seconds, <= min_silence_seconds.")
        if not 0 <= self.pad_seconds < self.longest_seconds / 2:
            raise ValueError("Detection needs 0 <= pad_seconds < longest_seconds / 2.")
        if not self.min_silence_seconds + self.pause_search_seconds < self.longest_seconds:
            raise ValueError("Detection needs min_silence_seconds + pause_search_seconds < longest_seconds.")
        if not self.mark_after_seconds + self.longest_seconds <= self.mark_within_seconds:
            raise ValueError("Detection needs mark_after_seconds + longest_seconds <= mark_within_seconds.")

    @property
    def after_seconds(self) -> float:
        """Seconds added after the last likely frame."""
        return self.pad_seconds if self.tail_seconds is None else self.tail_seconds


class Closed(msgspec.Struct, frozen=True):
    """A stretch that is complete."""

    first: int
    """Frame it starts with, padding included."""
    last: int
    """Frame after its last one, padding included."""


class Forgotten(msgspec.Struct, frozen=True):
    """All before this frame is said; what follows is to be heard afresh, and this `Stretches` is done with."""

    at: int
    """Frame, possibly one that was heard already."""


BESIDE_CUT = 3
"""Frames on each side of a cut whose probabilities are averaged: a pause is more than one unlikely frame."""


class Stretches:
    """Finds the stretches between two marks. Frames are counted from the first mark."""

    def __init__(self, detection: Detection, frame: int) -> None:
        def frames(seconds: float) -> int:
            return int(seconds * SAMPLE_RATE / frame)

        self.heard = 0
        """Frames heard so far."""
        self._detection = detection
        self._min_speech, self._pad = max(1, frames(detection.min_speech_seconds)), frames(detection.pad_seconds)
        self._tail = frames(detection.after_seconds)
        self._min_silence, self._longest = frames(detection.min_silence_seconds), frames(detection.longest_seconds)
        self._search = frames(detection.pause_search_seconds)
        self._mark_after, self._mark_within = (
            frames(detection.mark_after_seconds),
            frames(detection.mark_within_seconds),
        )
        self._free = 0
        self._start: int | None = None
        self._loud = 0
        self._needed = self._min_speech
        self._voiced = 0
        self._likely: list[float] = []

    @property
    def open(self) -> Closed | None:
        """The open stretch as it would be if it closed now; None where none is open or not yet sure."""
        if self._start is None or self._loud < self._needed:
            return None
        return Closed(self._start, min(self._voiced + self._tail, self.heard))

    @property
    def is_settled(self) -> bool:
        """Whether `open` would be the same if more silence came: its padding is full."""
        return self.heard - self._voiced >= self._pad

    def hear(self, probabilities: Iterable[float]) -> Iterator[Closed | Forgotten]:
        """Hear more frames and yield what is certain now; nothing is heard after a `Forgotten`."""
        for likely in probabilities:
            self._take(likely)
            for event in self._decide():
                yield event
                if isinstance(event, Forgotten):
                    return

    def end(self) -> Iterator[Closed]:
        """Close the open stretch, because no sound follows."""
        yield from self._close()

    def _take(self, likely: float) -> None:
        self.heard += 1
        if likely >= self._detection.close_probability:
            self._voiced = self.heard
        if likely >= self._detection.open_probability:
            if self._start is None:
                self._start = max(self._free, self.heard - 1 - self._pad)
                self._loud, self._needed, self._likely = 0, self._min_speech, [0.0] * (self.heard - 1 - self._start)
            self._loud += 1
        if self._start is not None:
            self._likely.append(likely)

    def _decide(self) -> Iterator[Closed | Forgotten]:
        quiet = self.heard - self._voiced
        if self._start is not None and quiet >= self._min_silence:
            yield from self._close()
        if self._start is None:
            silent = quiet >= self._min_silence and self.heard - self._pad >= self._mark_after
            if silent or self.heard >= self._mark_within:
                yield Forgotten(max(self._free, self.heard - self._pad))
        elif self._start >= self._mark_after:
            yield Forgotten(self._start)
        elif self.heard - self._start >= self._longest:
            unsure = self.open is None
            yield from self._close() if unsure or quiet >= self._tail else self._cut(self._start)

    def _close(self) -> Iterator[Closed]:
        stretch, self._start = self.open, None
        if stretch is not None:
            self._free = stretch.last
            yield stretch

    def _cut(self, start: int) -> Iterator[Closed | Forgotten]:
        """End the open stretch at its best pause and go on with the rest of it, or forget if it is time to."""
        at = start + self._best_pause()
        yield Closed(start, at)
        if at >= self._mark_after:
            yield Forgotten(at)
            return
        self._likely = self._likely[at - start :]
        self._start = self._free = at
        self._loud, self._needed = sum(likely >= self._detection.open_probability for likely in self._likely), 1

    def _best_pause(self) -> int:
        """Return the frame of the open stretch before which speech is least likely, the last one of several."""
        first = len(self._likely) - self._search
        around = np.convolve(self._likely[first:], np.ones(2 * BESIDE_CUT), "valid").round(3)
        return first + BESIDE_CUT + int(around.size - 1 - np.argmin(around[::-1]))
