"""Meeting written down by us -> utterances with times, and what is known to be in it.

One line is one utterance. Tags at its end: <D1> a decision, <A1 owner|other name; due|other wording> an action,
<Q1> a question left open, <F1> another fact, <?> something that may be reported or not, <no> a trap. The same tag on
several lines is the same point said again. A long meeting is a folder of files, read one after the other.
"""

import re
from pathlib import Path
from typing import Literal

import msgspec

from stages.speech import Utterance, Word

FOLDER = Path(__file__).parent / "meetings"
"""Meetings in English."""
TONGUES = Path(__file__).parent / "tongues"
"""Short ones in other languages."""

SECONDS_PER_LETTER = 0.055
SECONDS_PER_WORD = 0.11
PAUSES = {",": 0.2, ".": 0.45, "?": 0.45, "!": 0.45}
"""Silence after a word that ends in this."""
BETWEEN_TURNS = 0.6

Kind = Literal["decision", "action", "question", "fact"]
KINDS: dict[str, Kind] = {"D": "decision", "A": "action", "Q": "question"}
"""What summaries are scored by, by the letter of its tags."""

_LINE = re.compile(r"^(?P<speaker>S\d+|\?): (?P<text>.*?)(?P<tags>(?: <[^<>]*>)*)$")
_TAG = re.compile(r"<(?P<key>[DAQF]\d+)(?: (?P<owner>[^;>]*);(?P<due>[^>]*))?>")


class Truth(msgspec.Struct):
    """Something that a good summary of this meeting reports."""

    kind: Kind
    key: str
    """Tag that marks it, once in a meeting."""
    utterances: list[str]
    """Ids of the utterances that say it."""
    owners: tuple[str, ...] = ()
    """Any of them is right; none where nobody took it on."""
    dues: tuple[str, ...] = ()
    """Any of them is right; none where no date was said."""


class Meeting(msgspec.Struct):
    """A transcript and what is in it."""

    name: str
    utterances: list[Utterance]
    truths: list[Truth]
    either: set[str]
    """Ids of utterances that may be reported or not."""
    held_out: bool = False
    """Whether nobody looked at it while the summariser was tuned."""


def every(folder: Path = FOLDER) -> list[str]:
    """Return the names of all meetings, sorted."""
    return sorted({path.stem for path in (*folder.glob("*.txt"), *folder.glob("*/"))})


def read(name: str, folder: Path = FOLDER, *, punctuation: bool = True) -> Meeting:
    """Read a meeting by name; without punctuation it looks as poor speech recognition leaves it."""
    files = sorted((folder / name).glob("*.txt")) or [folder / f"{name}.txt"]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    meeting = parse(name, [line for line in lines if line and not line.startswith("%")], punctuation=punctuation)
    meeting.held_out = lines[0].startswith("% Held out")
    return meeting


def parse(name: str, lines: list[str], *, punctuation: bool = True) -> Meeting:
    """Turn lines into a meeting."""
    meeting = Meeting(name, [], [], set())
    truths: dict[str, Truth] = {}
    clock = 0.0
    for line in lines:
        match = _LINE.match(line)
        assert match, f"not a line of a transcript: {line}"
        text = match["text"] if punctuation else re.sub(r"[.,;:?!]+(?= |$)", "", match["text"])
        utterance = spoken(match["speaker"], text, clock)
        clock = utterance.end + BETWEEN_TURNS
        meeting.utterances.append(utterance)
        _note(match["tags"], utterance.id, truths, meeting.either)
    meeting.truths = list(truths.values())
    return meeting


def spoken(speaker: str, text: str, start: float) -> Utterance:
    """Give every word of an utterance a time, at the pace of talk."""
    words = []
    for text_ in text.split():
        end = start + SECONDS_PER_WORD + SECONDS_PER_LETTER * len(text_)
        words.append(Word(start=round(start, 3), end=round(end, 3), text=text_))
        start = end + PAUSES.get(text_[-1], 0.03)
    return Utterance.of(words, None if speaker == "?" else speaker)


def joined(meetings: list[Meeting]) -> Meeting:
    """Hold several meetings one after the other."""
    whole = Meeting("all in one", [], [], set())
    clock = 0.0
    for meeting in meetings:
        moved = [
            spoken(utterance.speaker or "?", utterance.text, utterance.start + clock)
            for utterance in meeting.utterances
        ]
        ids = {old.id: new.id for old, new in zip(meeting.utterances, moved, strict=True)}
        whole.utterances += moved
        whole.truths += [
            msgspec.structs.replace(truth, utterances=[ids[id] for id in truth.utterances]) for truth in meeting.truths
        ]
        whole.either |= {ids[id] for id in meeting.either}
        clock = moved[-1].end + 5.0
    return whole


def _note(tags: str, id: str, truths: dict[str, Truth], either: set[str]) -> None:
    if "<?>" in tags:
        either.add(id)
    for tag in _TAG.finditer(tags):
        truth = truths.setdefault(tag["key"], Truth(KINDS.get(tag["key"][0], "fact"), tag["key"], []))
        truth.utterances.append(id)
        truth.owners += _names(tag["owner"])
        truth.dues += _names(tag["due"])


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split("|") if name.strip())
