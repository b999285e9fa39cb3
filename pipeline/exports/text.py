"""Transcript -> plain text."""

from pipeline.exports.clock import clock
from pipeline.exports.names import shown_names
from pipeline.transcript import Transcript


def to_text(transcript: Transcript) -> str:
    """Write a line for each utterance: time, speaker, words; gaps in brackets where they are."""
    names = shown_names(transcript)
    rows = [(u.start, f"[{clock(u.start)}] {names[u.speaker]}: {u.text}") for u in transcript.utterances]
    rows += [
        (g.start, f"[{clock(g.start)}] ({clock(g.start)}-{clock(g.end)} {g.stage}: {g.reason})")
        for g in transcript.gaps
    ]
    return "".join(f"{text}\n" for _, text in sorted(rows, key=lambda row: row[0]))
