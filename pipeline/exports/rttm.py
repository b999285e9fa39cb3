"""Turns <-> RTTM, the line format of diarization."""

from collections.abc import Iterable

from pipeline.transcript import Transcript
from stages.speech import Span, SpeakerTurn


class BadRttm(ValueError):
    """A line that is not RTTM."""


def to_rttm(transcript: Transcript) -> str:
    """Write a SPEAKER line for each utterance whose speaker is known."""
    said = (u for u in transcript.utterances if u.speaker is not None)
    return "".join(_line(transcript.meeting, Span(start=u.start, end=u.end), u.speaker or "") for u in said)


def turns_to_rttm(name: str, turns: Iterable[SpeakerTurn]) -> str:
    """Write a SPEAKER line for each turn."""
    return "".join(_line(name, turn, turn.speaker) for turn in turns)


def read_rttm(text: str) -> list[SpeakerTurn]:
    """Read the SPEAKER lines.

    Raises:
        BadRttm: a SPEAKER line is too short or its times are no numbers.
    """
    turns = []
    for number, row in enumerate(text.splitlines(), start=1):
        fields = row.split()
        if not fields or fields[0] != "SPEAKER":
            continue
        try:
            start, length = float(fields[3]), float(fields[4])
            turns.append(SpeakerTurn(start=start, end=start + length, speaker=fields[7]))
        except (IndexError, ValueError) as error:
            raise BadRttm(f"Line {number} is no RTTM line: {row[:80]!r}.") from error
    return turns


def _line(name: str, span: Span, speaker: str) -> str:
    file = "_".join(name.split()) or "meeting"
    label = "_".join(speaker.split())
    return f"SPEAKER {file} 1 {span.start:.3f} {span.duration:.3f} <NA> <NA> {label} <NA> <NA>\n"
