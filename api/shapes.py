"""The wire: what meetings look like in answers, and what requests may say."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from pipeline.slides import stages_of
from pipeline.transcript import Speaker
from stages.summary import Action, Comparison, Length, Point, Summary, Topic, Withdrawn
from storage.rows import Hit, MeetingRow, MeetingState, Page, ShareRow, Source, StageRow

PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Text without control characters: databases and terminals choke on them."""

Title = Annotated[str, Meta(max_length=300, pattern=PLAIN)]
Name = Annotated[str, Meta(max_length=200, pattern=PLAIN)]
Words = Annotated[str, Meta(max_length=20_000, pattern=PLAIN)]
Label = Annotated[str, Meta(max_length=64, pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]*$")]
Language = Annotated[str, Meta(max_length=8, pattern=r"^[a-z]{2,3}$")]
Languages = Annotated[str, Meta(max_length=60, pattern=r"^ *[a-z]{2,3}( *, *[a-z]{2,3}){0,7} *$")]
Count = Annotated[str, Meta(max_length=8, pattern=r"^([0-9]{1,3}|[0-9]{1,3}-[0-9]{0,3}|-[0-9]{1,3})$")]


Term = Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN)]
Glossary = Annotated[tuple[Term, ...], Meta(max_length=200)]


class MeetingLine(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting in a list."""

    id: str
    """Names the meeting in every address."""
    title: str
    """As the user named it, or the file's name."""
    state: MeetingState
    """What it is doing."""
    created_at: datetime
    """UTC."""
    duration: float | None
    """Seconds of sound; null before it is known."""
    language: str | None
    """ISO 639-1; null if unknown."""
    source: Source
    """Where the sound came from."""
    stages: tuple[StageRow, ...]
    """How far each stage is, in plan order."""
    error: str | None
    """Why it failed, in a sentence; null if it did not."""
    media_type: str | None
    """Of the recording as it was sent, and of sound where it has no moving pictures; null where none was sent."""
    size: int | None
    """Bytes of the recording as it was sent."""
    deleted_at: datetime | None
    """Since when it lies in the trash, UTC; null where it does not."""
    expires_at: datetime | None
    """When it is deleted for good, UTC; null for never."""


class Meeting(MeetingLine, frozen=True, kw_only=True):
    """A meeting."""

    speakers: tuple[Speaker, ...]
    """Who speaks, in order of first appearance."""


class MeetingPage(msgspec.Struct, frozen=True):
    """A page of meetings, newest first."""

    items: tuple[MeetingLine, ...]
    """In order."""
    cursor: str | None
    """To be given back for the next page; null on the last one."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance that was found."""

    utterance: str
    """Its id."""
    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    speaker: str | None
    """Label; null if unknown."""
    text: str
    """The words."""


class HitShape(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance that was found, and its meeting."""

    meeting: str
    """Id of the meeting."""
    title: str
    """Title of the meeting."""
    created_at: datetime
    """Of the meeting, UTC."""
    found: Said
    """The utterance."""


class HitPage(msgspec.Struct, frozen=True):
    """A page of what was found, newest meetings first."""

    items: tuple[HitShape, ...]
    """In order."""
    cursor: str | None
    """To be given back for the next page; null on the last one."""


class SummaryShape(msgspec.Struct, frozen=True, kw_only=True):
    """The meeting in short; every point cites utterances, or slides that show it."""

    engine: str
    """Engine that wrote it."""
    template: str
    """Template that it follows."""
    language: str | None
    """Language it is written in; null if unknown."""
    extractive: bool
    """True where its sentences were taken from the transcript instead of written by a language model."""
    title: str
    """Title for the meeting; empty if nothing was said."""
    overview: str
    """A few sentences; empty if nothing was said."""
    topics: tuple[Topic, ...]
    """In time order."""
    decisions: tuple[Point, ...]
    """What was decided."""
    actions: tuple[Action, ...]
    """What is to be done."""
    questions: tuple[Point, ...]
    """What stayed open."""
    dropped: int
    """Points that were left out because what they cite is not there, or does not say it."""
    model: str | None
    """Language model that wrote it; null for an extractive one."""
    length: Length
    """How much it says."""
    overview_evidence: tuple[str, ...]
    """Ids of the utterances that the overview rests on; empty where there is none, or an older version made it."""
    overview_slides: tuple[str, ...]
    """Ids of the slides that it rests on."""
    compared: bool
    """Whether each point was compared with what it cites; else only that it cites what was said."""
    compared_by: Comparison | None
    """How; null where it was not, where points are sentences of the transcript, or where an older version made it."""
    why_extractive: str | None
    """Why sentences of the transcript stand in for a language model's, in all of it or in parts; null for no reason."""
    withdrawn: tuple[Withdrawn, ...]
    """While the meeting goes on: what stood in the summary and was corrected, oldest first."""


class ShareShape(msgspec.Struct, frozen=True, kw_only=True):
    """A link that lets whoever has it read one meeting."""

    id: str
    """Public part."""
    created_at: datetime
    """UTC."""
    expires_at: datetime | None
    """UTC; null for never."""


class NewShare(ShareShape, frozen=True, kw_only=True):
    """A link that was just made."""

    token: str
    """Opens the meeting; shown this once."""
    path: str
    """Address of the page that it opens, on this server."""


class ShareList(msgspec.Struct, frozen=True):
    """The links of a meeting."""

    items: tuple[ShareShape, ...]
    """Oldest first."""


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed of a meeting; what is left out stays."""

    title: Title | None = None
    """New title."""
    speakers: Annotated[dict[Label, Name | None], Meta(max_length=200)] | None = None
    """Name by label; null takes a name away."""
    expires_at: Annotated[datetime, Meta(tz=True)] | msgspec.UnsetType | None = msgspec.UNSET
    """When it is deleted for good, at most as late as the server's own retention; null keeps it."""


class Correction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wrong with an utterance; what is left out stays."""

    text: Words | None = None
    """The words as they should be."""
    speaker: Label | None = None
    """Label of the speaker whose words they are."""


class Merge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two labels that are one person."""

    label: Label
    """Label that is shown no more."""
    into: Label
    """Label that is shown in its place."""


class ShareWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a link is to work."""

    expires_at: Annotated[datetime, Meta(tz=True)] | None = None
    """With its time zone; null for until it is taken back."""


class SummaryWishShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the summary is to be made; what is left out is as it was."""

    template: Label | None = None
    """Name of a template."""
    language: Language | None = None
    """ISO 639-1."""
    length: Length | None = None
    """How much it says."""
    model: Name | None = None
    """Language model that writes it, as GET /v1/models lists it; `extractive` takes sentences from the transcript."""
    glossary: Glossary | None = None
    """Terms, each perhaps with `: ` and what it means."""


class RunWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """What is to be made again, and how; what is left out is as it was."""

    from_: Label
    """Stage that is made again, with everything that rests on it."""
    language: Language | None = None
    """ISO 639-1 code of what is spoken."""
    languages: Languages | None = None
    """Codes of what may be spoken, the likeliest first, where it is to be told: de,en."""
    target: Language | None = None
    """ISO 639-1 code to translate into."""
    speakers: Count | None = None
    """How many people speak: 3, 2-4, 2- or -4."""
    template: Label | None = None
    """Template of the summary."""
    glossary: Glossary | None = None
    """Terms, each perhaps with `: ` and what it means."""
    asr: Name | None = None
    """Engine that turns speech into words."""
    diarizer: Name | None = None
    """Engine that tells speakers apart."""


def line_of(row: MeetingRow) -> MeetingLine:
    """Show a meeting in a list."""
    return msgspec.convert(_known(row), MeetingLine)


def meeting_of(row: MeetingRow, speakers: tuple[Speaker, ...]) -> Meeting:
    """Show a meeting."""
    return msgspec.convert(_known(row) | {"speakers": speakers}, Meeting)


def page_of(page: Page[MeetingRow]) -> MeetingPage:
    """Show a page of meetings."""
    return MeetingPage(tuple(map(line_of, page.items)), page.cursor)


def hits_of(page: Page[Hit]) -> HitPage:
    """Show a page of what was found."""
    return HitPage(tuple(msgspec.convert(hit, HitShape, from_attributes=True) for hit in page.items), page.cursor)


def summary_of(summary: Summary) -> SummaryShape:
    """Show a summary."""
    return SummaryShape(**{name: getattr(summary, name) for name in SummaryShape.__struct_fields__})


def share_of(row: ShareRow) -> ShareShape:
    """Show a link without its secret."""
    return ShareShape(id=row.id, created_at=row.created_at, expires_at=row.expires_at)


def _known(row: MeetingRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in MeetingLine.__struct_fields__} | {"stages": stages_of(row)}
