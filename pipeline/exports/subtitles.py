"""Transcript -> SubRip and WebVTT: at most two lines of 42 characters, broken where a reader would pause."""

import html
from collections.abc import Iterator, Sequence

import msgspec

from pipeline.exports.clock import stamp
from pipeline.exports.names import shown_names
from pipeline.transcript import Line, Transcript, WordLine

LINE = 42
"""Characters in a line. Source: Netflix and BBC subtitle guidelines."""
LINES = 2
"""Lines on screen."""
LONGEST_SECONDS = 7.0
"""A subtitle stays at most so long. Source: the same guidelines."""
SHORTEST_SECONDS = 0.8
"""A subtitle stays at least so long, if the next one leaves the time."""
PAUSE_SECONDS = 1.0
"""A pause of this length begins a new subtitle."""


class Cue(msgspec.Struct, frozen=True):
    """One subtitle."""

    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    speaker: str
    """As shown; empty where the one before is still speaking."""
    lines: tuple[str, ...]
    """One or two."""


def to_srt(transcript: Transcript) -> str:
    """Write SubRip; a dash and the name where the speaker changes."""
    blocks = []
    for number, cue in enumerate(cues(transcript), start=1):
        text = "\n".join(cue.lines)
        blocks.append(f"{number}\n{stamp(cue.start, ',')} --> {stamp(cue.end, ',')}\n{text}\n")
    return "\n".join(blocks)


def to_vtt(transcript: Transcript) -> str:
    """Write WebVTT with voice tags."""
    blocks = ["WEBVTT\n"]
    names = shown_names(transcript)
    for line in transcript.utterances:
        voice = html.escape(names[line.speaker], quote=False)
        for cue in _cues(line, ""):
            text = "\n".join(html.escape(row, quote=False) for row in cue.lines)
            blocks.append(f"{stamp(cue.start, '.')} --> {stamp(cue.end, '.')}\n<v {voice}>{text}\n")
    return "\n".join(blocks)


def cues(transcript: Transcript) -> Iterator[Cue]:
    """Cut the transcript into subtitles; the speaker's name stands where the speaker changes."""
    names = shown_names(transcript)
    several = len(transcript.speakers) > 1
    before: str | None = None
    for line in transcript.utterances:
        name = names[line.speaker] if several and line.speaker != before else ""
        before = line.speaker
        yield from _cues(line, name)


def _cues(line: Line, name: str) -> Iterator[Cue]:
    prefix = f"{name}: " if name else ""
    words = list(line.words)
    while words:
        taken = _fitting(words, prefix)
        shown, words = words[:taken], words[taken:]
        following = words[0].start if words else float("inf")
        end = min(max(shown[-1].end, shown[0].start + SHORTEST_SECONDS), max(following, shown[-1].end))
        yield Cue(shown[0].start, end, name if prefix else "", broken(prefix + _text(shown)))
        prefix = ""


def _fitting(words: Sequence[WordLine], prefix: str) -> int:
    """Return how many words the next subtitle takes: as many as fit, back to the last good place to break."""
    fits = 1
    while fits < len(words):
        if words[fits].start - words[fits - 1].end >= PAUSE_SECONDS:
            return fits
        if words[fits].end - words[0].start > LONGEST_SECONDS or len(broken(prefix + _text(words[: fits + 1]))) > LINES:
            break
        fits += 1
    if fits == len(words):
        return fits
    for marks, least in ((".?!…", 0.35), (",;:", 0.6)):
        for at in range(fits, 0, -1):
            if words[at - 1].text.endswith(tuple(marks)) and at >= fits * least:
                return at
    return fits


def broken(text: str) -> tuple[str, ...]:
    """Break a text into lines of at most 42 characters, alike in length, after punctuation or before a small word."""
    if len(text) <= LINE:
        return (text,)
    places = [at for at, character in enumerate(text) if character == " "]
    halves = [at for at in places if at <= LINE and len(text) - at - 1 <= LINE]
    if halves:
        best = min(halves, key=lambda at: abs(at - len(text) / 2) - _goodness(text, at))
        return text[:best], text[best + 1 :]
    at = max((at for at in places if at <= LINE), default=LINE)
    rest = text[at + 1 :] if at < len(text) and text[at] == " " else text[at:]
    return (text[:at], *broken(rest))


def _goodness(text: str, at: int) -> float:
    """Return how many characters of imbalance a break here is worth."""
    if text[at - 1] in ".?!…,;:":
        return 12.0
    following = text[at + 1 :].split(" ", 1)[0].lower()
    return 6.0 if following in {"and", "but", "or", "that", "which", "who", "because", "to", "of", "in", "for"} else 0.0


def _text(words: Sequence[WordLine]) -> str:
    return " ".join(word.text for word in words)
