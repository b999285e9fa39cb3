"""The vocabulary: every item that travels between stages is a `Span` of the meeting.

Times are seconds from the start of the meeting, half-open [start, end). Sound itself is counted in integer
samples at 16 kHz; `first_sample` and `last_sample` convert, so no sum of floats ever places a sample.
"""

from collections.abc import Iterable
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Samples per second of every track inside Parley."""
MIXED = "0"
"""The track of a recording whose channels were mixed into one."""


def seconds(samples: int) -> float:
    """Place a sample on the clock of the meeting."""
    return samples / SAMPLE_RATE


def samples(time: float) -> int:
    """Return the sample nearest to a time in seconds."""
    return round(time * SAMPLE_RATE)


class Span(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """A stretch of one track of the meeting."""

    start: float
    """Seconds from the start of the meeting, included."""
    end: float
    """Seconds from the start of the meeting, excluded; never before `start`."""
    track: str = MIXED
    """Microphone, channel or participant that this was heard on."""

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    @property
    def first_sample(self) -> int:
        """First sample of the span, at 16 kHz."""
        return samples(self.start)

    @property
    def last_sample(self) -> int:
        """Sample after the last one of the span, at 16 kHz."""
        return samples(self.end)

    def overlap(self, other: "Span") -> float:
        """Return the seconds that both spans cover, whatever their tracks."""
        return max(0.0, min(self.end, other.end) - max(self.start, other.start))


def by_time(span: Span) -> tuple[float, float, str]:
    """Sort key: start, then end, then track."""
    return span.start, span.end, span.track


class Mark(Span, frozen=True):
    """A promise of its sender: all items of this track before `end` are out, and no state crosses it.

    A stage that was interrupted starts again at its last mark and gives what it would have given.
    Source: the barriers of Carbone et al., Lightweight Asynchronous Snapshots for Distributed Dataflows, 2015.
    """


class AudioChunk(Span, frozen=True, eq=False):
    """Samples of one track that travel together."""

    samples: NDArray[np.float32]
    """Shape (n,), in -1..1, 16 kHz."""


class Speech(Span, frozen=True):
    """A stretch in which somebody speaks, as voice activity detection found it."""

    level: float = 1.0
    """Gain that brought the stretch to the level the detector expects; 1 leaves the sound as it is."""


class OpenSpeech(Span, frozen=True):
    """A stretch that is still open: its start stays, its end is what has been heard so far."""

    level: float = 1.0
    """Gain that brings what was heard to the level the detector expects; 1 leaves the sound as it is."""


class Hypothesis(Span, frozen=True):
    """What an open stretch seems to say: the next hypothesis of this track replaces it."""

    text: str
    """All words heard so far in the open stretch."""
    agreed: int = 0
    """How many characters at the start of `text` two successive passes agree on."""


class Word(Span, frozen=True):
    """A final word."""

    text: str
    """As it is written, with its punctuation, without spaces around it."""
    confidence: float | None = None
    """Probability in 0..1 that the model gave it; None where the model gives none."""
    language: str | msgspec.UnsetType = msgspec.UNSET
    """ISO 639-1 code, where several languages may be spoken and it was told which; else unset."""


class Transcribed(Span, frozen=True):
    """All words of this stretch are out."""


class Diarized(Span, frozen=True):
    """All turns of this track before `end` are out, as well as they are known while the meeting goes on."""


class Voices(Span, frozen=True):
    """One diarization window: who of its local speakers is active when, and how each sounds."""

    speakers: int
    """Number of local speakers (columns) the window can hold; their order means nothing outside it."""
    active: bytes
    """np.packbits of a boolean array of shape (frames, speakers)."""
    frames: int
    """Number of frames in the window."""
    embeddings: bytes
    """float32 array of shape (speakers, dimensions); a row of NaN where too little solo speech was heard."""
    solo: tuple[float, ...]
    """Seconds in which each local speaker speaks alone."""

    def activity(self) -> NDArray[np.bool_]:
        """Return who is active in each frame. Shape (frames, speakers)."""
        bits = np.unpackbits(np.frombuffer(self.active, np.uint8), count=self.frames * self.speakers)
        return bits.reshape(self.frames, self.speakers).astype(bool)

    def voiceprints(self) -> NDArray[np.float32]:
        """Return the embeddings of the local speakers. Shape (speakers, dimensions), NaN where unknown."""
        return np.frombuffer(self.embeddings, np.float32).reshape(self.speakers, -1)


class SpeakerTurn(Span, frozen=True):
    """One speaker holds the floor: a line of RTTM."""

    speaker: str
    """Label within the meeting: S1, S2, ... in order of first appearance."""
    leads: tuple[tuple[float, float], ...] | msgspec.UnsetType = msgspec.UNSET
    """Pieces of it, start and end in seconds, in which this speaker is to be heard; unset where nobody tells."""
    voice: bytes | msgspec.UnsetType = msgspec.UNSET
    """On a speaker's first turn: float32 unit vector of how they sound, shape (dimensions,); else unset."""


class Utterance(Span, frozen=True):
    """Words of one turn: a line of a SegLST file."""

    id: str
    """Stable name: track and first sample, so the same sound heard again replaces and never doubles."""
    speaker: str | None
    """Label within the meeting; None where nobody can be named with reason."""
    words: tuple[Word, ...]
    """In time order, at least one."""
    overlaps: tuple[str, ...] = ()
    """Labels of other speakers who talked at the same time."""

    @property
    def text(self) -> str:
        """The words, joined by spaces."""
        return " ".join(word.text for word in self.words)

    @classmethod
    def of(cls, words: Iterable[Word], speaker: str | None, overlaps: Iterable[str] = ()) -> Self:
        """Build the utterance that these words of one track make, in time order."""
        said = tuple(sorted(words, key=by_time))
        return cls(
            id=f"{said[0].track}-{said[0].first_sample}",
            start=said[0].start,
            end=max(word.end for word in said),
            track=said[0].track,
            speaker=speaker,
            words=said,
            overlaps=tuple(overlaps),
        )


class Gap(Span, frozen=True):
    """A stretch that a stage could not process: shown to the reader, never silent."""

    stage: str
    """Name of the stage that gave up."""
    reason: str
    """One sentence for the reader of the transcript."""


class Keyframe(Span, frozen=True):
    """A picture of a shared screen or video that stayed on view during the span."""

    image: str
    """Artifact key of the picture."""
