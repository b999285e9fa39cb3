"""What the routes of the older platform answer."""

import msgspec

from pipeline.transcript import GapLine, WordLine


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """About the run."""

    sample_rate: int
    """Samples per second that the engine heard."""
    duration: float
    """Seconds of sound."""


class Runtime(msgspec.Struct, frozen=True, kw_only=True):
    """What the answer was made by."""

    engine: str
    """Name of the engine."""
    model: str
    """Model id, as its authors publish it."""
    device: str
    """cpu, or cuda:0 and so on."""
    details: Details
    """About the run."""


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """What is said in a recording."""

    text: str
    """All of it."""
    sampling_rate: int
    """Samples per second that the engine heard."""
    language: str | None
    """ISO 639-1; null where nobody said."""
    words: tuple[WordLine, ...]
    """In time order."""
    gaps: tuple[GapLine, ...]
    """What could not be processed."""
    runtime: Runtime
    """What it was made by."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody speaks."""

    speaker: str
    """Label: S1, S2, ... in order of first appearance."""
    start: float
    """Seconds."""
    end: float
    """Seconds."""


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody sounds."""

    speaker: str
    """Label."""
    embedding: list[float] | None
    """Vector of unit length; null where too little was heard of them alone, or the engine gives none."""


class Diarized(msgspec.Struct, frozen=True, kw_only=True):
    """Who speaks when in a recording."""

    segments: tuple[Turn, ...]
    """In time order; they overlap where people did."""
    speakers: tuple[Voice, ...] | None
    """How each sounds; null unless asked for."""
    gaps: tuple[GapLine, ...]
    """What could not be processed."""
    runtime: Runtime
    """What it was made by."""
