"""What an answer rests on: passages of meetings, and citations of utterances in them."""

from collections.abc import Sequence

import msgspec

from storage.rows import SearchRow

SLIDE = "slide-"
"""Begins the id of a row that is a slide; ids of utterances begin with a track."""


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance that is cited, as it is shown now."""

    meeting: str
    """Id of the meeting."""
    title: str
    """Of the meeting."""
    utterance: str
    """Id of the utterance."""
    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    speaker: str | None
    """Name, or label where there is no name; null if unknown."""
    text: str
    """The words."""
    slide: str | None = None
    """Id of the slide, where not words are cited but what a model read on a slide; `utterance` is then empty."""


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """Neighbouring utterances of one meeting."""

    meeting: str
    """Id of the meeting."""
    title: str
    """Of the meeting."""
    lines: tuple[Citation, ...]
    """In time order, at least one."""
    best: int
    """Index in `lines` of the one that fits the question best."""
    score: float
    """How well it fits: comparable within one answer only."""

    @property
    def text(self) -> str:
        """Everything that is said in it."""
        return " ".join(line.text for line in self.lines)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was said in a meeting, as it is shown now."""

    meeting: str
    """Id of the meeting."""
    title: str
    """Of the meeting."""
    rows: Sequence[SearchRow]
    """In time order."""
    names: dict[str, str] = {}
    """Names that users gave to labels."""

    def cited(self, at: int) -> Citation:
        """Return an utterance as a citation."""
        row = self.rows[at]
        return Citation(
            meeting=self.meeting,
            title=self.title,
            utterance="" if row.utterance.startswith(SLIDE) else row.utterance,
            start=row.start,
            end=row.end,
            speaker=self.names.get(row.speaker, row.speaker) if row.speaker else None,
            text=row.text,
            slide=row.utterance.removeprefix(SLIDE) if row.utterance.startswith(SLIDE) else None,
        )
