"""What the database keeps: its rows, as they travel."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

import msgspec

MeetingState = Literal["live", "processing", "done", "failed"]
StageState = Literal["waiting", "running", "done", "failed"]
Source = Literal["upload", "websocket", "webrtc", "realtime"]
KeyRole = Literal["admin", "user", "read"]
NodeState = Literal["working", "draining"]


class StageRow(msgspec.Struct, frozen=True, kw_only=True):
    """How far a stage of a meeting is."""

    name: str
    """Stage name."""
    engine: str | None = None
    """Engine that does it; None for a stage without one."""
    state: StageState = "waiting"
    """A failed stage costs itself only."""
    progress: float = 0.0
    """Share of the sound that is done, 0..1."""
    lag: float | None = None
    """Seconds that the results are behind the sound; None when not live."""
    rtfx: float | None = None
    """Seconds of sound per second of work; None before it is known."""
    error: str | None = None
    """Why it failed, in a sentence."""


class MeetingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting."""

    id: str
    """Sortable, unguessable, safe in keys and addresses."""
    owner: str
    """Whose key made it; `local` where no keys are used."""
    title: str
    """As the user named it, or the file's name."""
    state: MeetingState
    """What it is doing."""
    created_at: datetime
    """UTC."""
    source: Source
    """Where the sound came from."""
    duration: float | None = None
    """Seconds of sound; None before it is known."""
    language: str | None = None
    """ISO 639-1; None if unknown."""
    options: Mapping[str, Any] = {}
    """What the user asked for: language, speakers, template, engines."""
    original: str | None = None
    """Artifact key of the bytes as they were sent."""
    media_type: str | None = None
    """Of the original."""
    size: int | None = None
    """Bytes of the original."""
    attempt: int = 0
    """Fencing number of the newest attempt to process it."""
    error: str | None = None
    """Why it failed, in a sentence."""
    deleted_at: datetime | None = None
    """Since when it lies in the trash; None where it does not."""
    expires_at: datetime | None = None
    """When retention deletes it; None for never."""
    stages: tuple[StageRow, ...] = ()
    """In plan order."""


class EventRow(msgspec.Struct, frozen=True):
    """A numbered event of a meeting."""

    number: int
    """1, 2, 3, ... within the meeting, without holes."""
    type: str
    """Name of the event on the wire."""
    data: bytes
    """JSON of the event, without its number."""


class EditRow(msgspec.Struct, frozen=True, kw_only=True):
    """A correction of one utterance: an overlay found again by time after every later run."""

    utterance: str
    """Id of the utterance when it was corrected."""
    track: str
    """Track of the utterance."""
    start: float
    """Seconds; with `end` it finds the words again after a new run."""
    end: float
    """Seconds."""
    text: str | None = None
    """The words as corrected; None leaves them."""
    speaker: str | None = None
    """Label that the utterance is moved to; None leaves it."""


class Overlays(msgspec.Struct, frozen=True, kw_only=True):
    """What users changed: it lies over the results and survives every run."""

    names: Mapping[str, str] = {}
    """Label -> name."""
    merged: Mapping[str, str] = {}
    """Label -> the label it was merged into."""
    edits: tuple[EditRow, ...] = ()
    """In the order in which they were made."""


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """An API key, without its secret."""

    id: str
    """Public part of the key."""
    name: str
    """What the admin called it."""
    hash: bytes
    """Digest of the secret; never leaves the server."""
    role: KeyRole
    """What it may do."""
    owner: str
    """Whose meetings it sees."""
    created_at: datetime
    """UTC."""
    last_used_at: datetime | None = None
    """UTC, to the minute; None if never."""
    revoked_at: datetime | None = None
    """UTC; None while it is valid."""
    limits: Mapping[str, float] = {}
    """requests_per_minute, tokens_per_minute, budget; absent means unlimited."""


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that signed in with a key."""

    hash: bytes
    """Digest of the cookie."""
    key: str
    """Id of the key it signed in with."""
    expires_at: datetime
    """UTC."""


class ShareRow(msgspec.Struct, frozen=True, kw_only=True):
    """A link that lets anyone who has it read one meeting."""

    id: str
    """Public part."""
    hash: bytes
    """Digest of the secret part."""
    meeting: str
    """Id of the meeting."""
    created_at: datetime
    """UTC."""
    expires_at: datetime | None = None
    """UTC; None for never."""


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a key used of a model on a day."""

    day: date
    """UTC."""
    key: str
    """Public part of the key; whatever else limits are counted by where there is none."""
    owner: str
    """Whose key it is."""
    model: str
    """Id of the model."""
    requests: int = 0
    """In all."""
    failures: int = 0
    """Those of them that were answered with an error."""
    prompt_tokens: int = 0
    """Tokens read."""
    completion_tokens: int = 0
    """Tokens written."""
    cost: float = 0.0
    """At the prices of that day."""


class SearchRow(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance in the index."""

    utterance: str
    """Its id."""
    start: float
    """Seconds."""
    end: float
    """Seconds."""
    speaker: str | None
    """Label as shown."""
    text: str
    """The words as shown."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance that was found."""

    meeting: str
    """Id of the meeting."""
    title: str
    """Title of the meeting."""
    created_at: datetime
    """Of the meeting, UTC."""
    found: SearchRow
    """The utterance."""


class WholeMeeting(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting with every row that belongs to it, as a backup carries it."""

    place: int
    """In the order of all meetings."""
    meeting: MeetingRow
    """What is known of it."""
    numbered: int
    """How many events were numbered."""
    events: tuple[EventRow, ...] = ()
    """In order."""
    overlays: Overlays = Overlays()
    """What users changed."""
    utterances: tuple[SearchRow, ...] = ()
    """What search knows, in order."""
    shares: tuple[ShareRow, ...] = ()
    """Its links."""


class HouseRows(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to no meeting, as a backup carries it; browsers sign in again."""

    keys: tuple[KeyRow, ...] = ()
    """Oldest first."""
    settings: Mapping[str, Mapping[str, bytes]] = {}
    """Kind -> name -> JSON document."""
    usage: tuple[UsageRow, ...] = ()
    """By day, key and model."""


class NodeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A server that works on this database."""

    name: str
    """Unique, and the same after a restart."""
    process: str
    """Made anew at each start."""
    roles: tuple[str, ...]
    """Of api, engines, jobs."""
    queues: tuple[str, ...]
    """Queues of jobs that it takes work from."""
    version: str
    """Of the jobs that it understands."""
    address: str = ""
    """Where other servers reach it, as http://worker-1:8000; empty where it did not say."""
    state: NodeState = "working"
    """A draining one takes nothing more."""
    age: float = 0.0
    """Seconds since it was last seen."""


Row = TypeVar("Row")


class Page(msgspec.Struct, Generic[Row], frozen=True):
    """A page of a long list."""

    items: tuple[Row, ...]
    """In order."""
    cursor: str | None
    """To be given back for the next page; None on the last one."""
