"""Utterances and gaps -> transcript: a view of the meeting, not a thing stored twice."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from stages.speech import Gap, Utterance, by_time


class Speaker(msgspec.Struct, frozen=True):
    """Somebody who speaks in the meeting."""

    label: str
    """Stable label: S1, S2, ..."""
    name: str | None = None
    """Name that a user gave; an overlay, never guessed."""


class WordLine(msgspec.Struct, frozen=True):
    """A word of the transcript."""

    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    text: str
    """As written."""
    confidence: float | None
    """Probability in 0..1; None if unknown."""
    speaker: str | None
    """Label; None if unknown."""


class Line(msgspec.Struct, frozen=True):
    """An utterance of the transcript."""

    id: str
    """Id of the utterance."""
    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    speaker: str | None
    """Label; None if unknown."""
    text: str
    """The words, joined."""
    words: tuple[WordLine, ...]
    """In time order."""
    overlaps: tuple[str, ...] = ()
    """Labels of those who talked at the same time."""


class GapLine(msgspec.Struct, frozen=True):
    """A stretch that could not be processed."""

    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    stage: str
    """Stage that gave up."""
    reason: str
    """One sentence."""


class Transcript(msgspec.Struct, frozen=True):
    """Who said what, when."""

    meeting: str
    """Id of the meeting."""
    language: str | None
    """ISO 639-1 code; None if unknown."""
    duration: float
    """Seconds of sound."""
    speakers: tuple[Speaker, ...]
    """In order of first appearance."""
    utterances: tuple[Line, ...]
    """In time order."""
    gaps: tuple[GapLine, ...]
    """In time order."""
    title: str = ""
    """Title of the meeting."""


def transcript(
    meeting: str,
    utterances: Iterable[Utterance],
    gaps: Iterable[Gap],
    *,
    duration: float,
    language: str | None = None,
    names: Mapping[str, str] | None = None,
    title: str = "",
) -> Transcript:
    """View the results of the stages as a transcript."""
    said = sorted(utterances, key=by_time)
    return Transcript(
        meeting=meeting,
        language=language,
        duration=duration,
        speakers=tuple(Speaker(label, (names or {}).get(label)) for label in _labels(said)),
        utterances=tuple(line(utterance) for utterance in said),
        gaps=tuple(GapLine(gap.start, gap.end, gap.stage, gap.reason) for gap in sorted(gaps, key=by_time)),
        title=title,
    )


def line(utterance: Utterance) -> Line:
    """View one utterance as a line of the transcript."""
    return Line(
        id=utterance.id,
        start=utterance.start,
        end=utterance.end,
        speaker=utterance.speaker,
        text=utterance.text,
        words=tuple(WordLine(w.start, w.end, w.text, w.confidence, utterance.speaker) for w in utterance.words),
        overlaps=utterance.overlaps,
    )


def _labels(said: Sequence[Utterance]) -> list[str]:
    return list(dict.fromkeys(u.speaker for u in said if u.speaker is not None))
