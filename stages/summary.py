"""What a summary of a meeting says, and what each of its points rests on."""

from datetime import date
from typing import Literal

import msgspec

from stages.speech import Span

Length = Literal["short", "medium", "long"]
"""How much a summary says."""
Comparison = Literal["meaning", "words"]
"""How a point is compared with what it cites: in meaning, or by the words that both have."""


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence of the summary and what it rests on."""

    text: str
    """One sentence."""
    evidence: tuple[str, ...]
    """Ids of the utterances that say it; at least one, unless a point of a topic rests on slides alone."""
    slides: tuple[str, ...] = ()
    """Ids of the slides that show it."""


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was talked about for a while."""

    title: str
    """A few words."""
    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    points: tuple[Point, ...]
    """In time order, at least one."""


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something somebody is to do."""

    task: str
    """What is to be done."""
    owner: str | None
    """Speaker label or name as said; None where nobody took it on."""
    due: str | None
    """As said; None where no date was said."""
    evidence: tuple[str, ...]
    """Ids of the utterances that say it; at least one."""
    due_date: date | None = None
    """The day that `due` means, counted from the day of the meeting; None where that is not certain."""
    slides: tuple[str, ...] = ()
    """Ids of the slides that show it, beside who said it."""


class Withdrawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A point that stood in a running summary and holds no more: shown as corrected, never just gone."""

    kind: Literal["point", "decision", "action", "question"]
    """What it was."""
    text: str
    """As it stood."""
    evidence: tuple[str, ...]
    """Ids of the utterances it rested on."""


class Summary(Span, frozen=True):
    """The meeting in short; every point cites utterances."""

    engine: str
    """Engine that wrote it."""
    template: str
    """Name of the template it follows."""
    language: str | None
    """Language it is written in; None if unknown."""
    extractive: bool
    """True where its sentences were taken from the transcript instead of written by a language model."""
    title: str
    """Title for the meeting; empty if nothing was said."""
    overview: str
    """A few sentences; empty if nothing was said."""
    topics: tuple[Topic, ...] = ()
    """In time order."""
    decisions: tuple[Point, ...] = ()
    """What was decided."""
    actions: tuple[Action, ...] = ()
    """What is to be done."""
    questions: tuple[Point, ...] = ()
    """What stayed open."""
    dropped: int = 0
    """Points that were left out because what they cite is not there, or does not say it."""
    model: str | None = None
    """Language model that wrote it; None for an extractive one."""
    length: Length = "medium"
    """How much it says."""
    overview_evidence: tuple[str, ...] = ()
    """Ids of the utterances that the overview rests on; empty where there is none, or an older version made it."""
    overview_slides: tuple[str, ...] = ()
    """Ids of the slides that it rests on."""
    compared: bool = False
    """Whether each point was compared with what it cites; else only that it cites what was said."""
    compared_by: Comparison | None = None
    """How; None where it was not, where points are sentences of the transcript, or where an older version made it."""
    why_extractive: str | None = None
    """Why sentences of the transcript stand in for a language model's, in all of it or in parts; None for no reason."""
    withdrawn: tuple[Withdrawn, ...] = ()
    """In a running summary, what stood there and was corrected, oldest first."""
