"""What the stages made of a recording -> what an answer tells: words, segments, speakers, in OpenAI's shapes."""

import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pipeline.transcript import GapLine, Transcript, transcript
from stages.attribute import Attribution, attribute
from stages.speech import Gap, Span, SpeakerTurn, Utterance, Voices, Word, by_time

UNKNOWN = "unknown"
"""Speaker of what nobody can be named for."""
SEEK_SECONDS = 0.01
"""Unit of a segment's place. Source: Whisper's frames."""


class Said(msgspec.Struct):
    """What is known of a recording so far."""

    words: list[Word] = []
    """In the order in which they came."""
    gaps: list[Gap] = []
    """What could not be heard or understood."""
    utterances: list[Utterance] = []
    """Where speakers are told apart."""
    turns: list[SpeakerTurn] = []
    """Who held the floor."""
    voices: list[Voices] = []
    """Windows of the diarizer."""
    seconds: float = 0.0
    """Length of the recording, in the end."""
    names: Mapping[str, str] = {}
    """Names of known speakers, by label."""

    def take(self, item: Span) -> None:
        """Learn of something that was made."""
        kept: Sequence[tuple[type[Span], list[Any]]] = (
            (Word, self.words),
            (Gap, self.gaps),
            (Utterance, self.utterances),
            (SpeakerTurn, self.turns),
            (Voices, self.voices),
        )
        for kind, items in kept:
            if isinstance(item, kind):
                items.append(item)

    @property
    def text(self) -> str:
        """All that was said."""
        return " ".join(word.text for word in sorted(self.words, key=by_time))

    @property
    def usage(self) -> dict[str, Any]:
        """What it took."""
        return {"type": "duration", "seconds": round(self.seconds, 3)}

    def lines(self) -> Sequence[Utterance]:
        """Return what was said, cut where a speaker or a sentence ends."""
        return sorted(self.utterances, key=by_time) or attribute(self.words, (), Attribution())

    def transcript(self) -> Transcript:
        """Return the same as a transcript."""
        return transcript("", self.lines(), self.gaps, duration=self.seconds)

    def told_gaps(self) -> dict[str, Any]:
        """Return what is told of gaps, as nothing may be missing in silence; nothing where there are none."""
        lines = [GapLine(round(gap.start, 3), round(gap.end, 3), gap.stage, gap.reason) for gap in self.gaps]
        return {"gaps": lines} if lines else {}

    def logprobs(self) -> list[dict[str, Any]]:
        """Return the logarithm of each word's probability: the mean of its tokens'."""
        return [logprob(word, first=not number) for number, word in enumerate(sorted(self.words, key=by_time))]

    def speaker(self, label: str | None, letters: Mapping[str, str]) -> str:
        """Return what a speaker is called: by name if known, else by a letter."""
        return UNKNOWN if label is None else self.names.get(label) or letters[label]

    def diarized(self) -> list[dict[str, Any]]:
        """Return the segments of all speakers."""
        lines = self.lines()
        letters = letters_of(lines, self.names)
        return [
            {
                "type": "transcript.text.segment",
                "id": f"seg_{number}",
                "start": round(line.start, 3),
                "end": round(line.end, 3),
                "text": line.text,
                "speaker": self.speaker(line.speaker, letters),
            }
            for number, line in enumerate(lines)
        ]


def logprob(word: Word, *, first: bool) -> dict[str, Any]:
    """Return a word as a token, with the space before it."""
    token = word.text if first else f" {word.text}"
    log = None if word.confidence is None else round(math.log(max(word.confidence, 1e-9)), 6)
    return {"token": token, "bytes": list(token.encode()), "logprob": log}


def segments(lines: Sequence[Utterance]) -> list[dict[str, Any]]:
    """Return Whisper's segments. The engines here tell no tokens, decode greedily, and hear only what is speech."""
    return [
        {
            "id": number,
            "seek": round(line.start / SEEK_SECONDS),
            "start": round(line.start, 3),
            "end": round(line.end, 3),
            "text": line.text,
            "tokens": [],
            "temperature": 0.0,
            "avg_logprob": _average(line.words),
            "compression_ratio": round(len(line.text.encode()) / len(zlib.compress(line.text.encode())), 3),
            "no_speech_prob": 0.0,
        }
        for number, line in enumerate(lines)
    ]


def letters_of(lines: Sequence[Utterance], named: Mapping[str, str]) -> Mapping[str, str]:
    """Return a letter for each speaker without a name, in order of appearance: A to Z, then AA and so on."""
    labels = dict.fromkeys(line.speaker for line in lines if line.speaker is not None and line.speaker not in named)
    return {label: _letters(number) for number, label in enumerate(labels)}


def _letters(number: int) -> str:
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _average(words: Sequence[Word]) -> float:
    logs = [math.log(max(word.confidence, 1e-9)) for word in words if word.confidence is not None]
    return round(sum(logs) / len(logs), 4) if logs else 0.0
