"""Events of a live meeting -> what its viewers know: utterances as they were told last, and gaps."""

import msgspec

from pipeline.transcript import GapLine, Line
from stages.speech import Gap, Utterance, Word
from stages.summary import Summary
from storage.records import Records

PAGE = 500
"""Events read together."""
HEARD = ("utterance", "speaker", "gap", "summary")
"""Events that say something of the transcript, or of the running summary."""


class Known(msgspec.Struct):
    """What viewers have been told, up to an event."""

    lines: dict[str, Line] = msgspec.field(default_factory=dict)
    """Utterances by id."""
    gaps: list[GapLine] = msgspec.field(default_factory=list)
    """What could not be heard or processed, in the order in which it was told."""
    number: int = 0
    """Number of the last event that there is."""
    summary: Summary | None = None
    """The running summary; None before the first one."""

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """The utterances, as a stage would have made them."""
        return tuple(_utterance(line) for line in self.lines.values())

    @property
    def spans(self) -> tuple[Gap, ...]:
        """The gaps, as a stage would have made them."""
        return tuple(Gap(start=gap.start, end=gap.end, stage=gap.stage, reason=gap.reason) for gap in self.gaps)


class _Told(msgspec.Struct):
    """What matters of an event when a transcript is read back."""

    utterance: Line | None = None
    summary: Summary | None = None
    utterances: tuple[str, ...] = ()
    speaker: str | None = None
    start: float = 0.0
    end: float = 0.0
    stage: str = ""
    reason: str = ""


async def known(records: Records, meeting: str) -> Known:
    """Read back what viewers of a live meeting have been told."""
    found = Known()
    while events := await records.events(meeting, found.number, PAGE):
        for told in events:
            found.number = told.number
            if told.type in HEARD:
                _learn(found, told.type, msgspec.json.decode(told.data, type=_Told))
    return found


async def known_lines(records: Records, meeting: str) -> tuple[Line, ...]:
    """Return the utterances that viewers of a live meeting have been told, as they were told last."""
    return tuple((await known(records, meeting)).lines.values())


def _learn(found: Known, name: str, told: _Told) -> None:
    if name == "gap":
        found.gaps.append(GapLine(told.start, told.end, told.stage, told.reason))
    if told.summary is not None:
        found.summary = told.summary
    if told.utterance is not None:
        found.lines[told.utterance.id] = told.utterance
    for id in told.utterances:
        if id in found.lines:
            found.lines[id] = msgspec.structs.replace(found.lines[id], speaker=told.speaker)


def _utterance(line: Line) -> Utterance:
    track = line.id.rpartition("-")[0]
    words = tuple(
        Word(start=word.start, end=word.end, track=track, text=word.text, confidence=word.confidence)
        for word in line.words
    )
    return Utterance(
        id=line.id,
        start=line.start,
        end=line.end,
        track=track,
        speaker=line.speaker,
        words=words,
        overlaps=line.overlaps,
    )
