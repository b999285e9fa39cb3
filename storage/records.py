"""What every database does for us, as a Protocol, and what can go wrong with it.

Errors:

    RecordError
    ├── NoRecord        nothing of that name, or it belongs to somebody else (also a LookupError)
    ├── Taken           a name that must be unique is in use (also a ValueError)
    ├── Overtaken       a newer attempt has the meeting; this one may write nothing (fencing)
    ├── BadCursor       no page of this list gave the cursor (also a ValueError)
    ├── NewerSchema     a newer version has migrated the database; this one may not touch it
    └── DatabaseAway    the database cannot be reached; what was asked for can be tried again (also a ConnectionError)
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Any, Protocol

from storage.rows import (
    EditRow,
    EventRow,
    Hit,
    HouseRows,
    KeyRow,
    MeetingRow,
    NodeRow,
    Overlays,
    Page,
    SearchRow,
    SessionRow,
    ShareRow,
    StageRow,
    UsageRow,
    WholeMeeting,
)


class RecordError(Exception):
    """The database refused or could not answer."""


class NoRecord(RecordError, LookupError):
    """Nothing of that name, or it belongs to somebody else."""


class Taken(RecordError, ValueError):
    """A name that must be unique is in use."""


class Overtaken(RecordError):
    """A newer attempt has the meeting; this one may write nothing."""


class BadCursor(RecordError, ValueError):
    """No page of this list gave the cursor."""


class NewerSchema(RecordError):
    """A newer version has migrated the database; this one may not touch it."""


class DatabaseAway(RecordError, ConnectionError):
    """The database cannot be reached; what was asked for can be tried again."""


class Records(Protocol):
    """The database: every call is one transaction; `owner=None` sees everybody's."""

    async def migrate(self) -> None:
        """Bring the schema up to date, once, however many nodes start together.

        Raises:
            NewerSchema: a newer version has brought it further.
        """

    async def check(self) -> None:
        """Return if the database answers.

        Raises:
            DatabaseAway: it does not.
        """

    async def close(self) -> None:
        """Give the connections back."""

    async def add_meeting(self, meeting: MeetingRow) -> None:
        """Keep a new meeting."""

    async def meeting(self, id: str, owner: str | None = None) -> MeetingRow:
        """Return a meeting, in the trash or not.

        Raises:
            NoRecord: there is none, or it is somebody else's.
        """

    async def meetings(
        self, owner: str | None, q: str = "", limit: int = 50, cursor: str | None = None, *, trash: bool = False
    ) -> Page[MeetingRow]:
        """List meetings, newest first (to the millisecond), at most 500; `q` finds words in titles like `search`.

        Raises:
            BadCursor: it was not given with a page of meetings.
        """

    async def unfinished(self) -> Sequence[MeetingRow]:
        """Return all meetings that are live or processing."""

    async def change_meeting(self, id: str, changes: Mapping[str, Any], attempt: int | None = None) -> MeetingRow:
        """Set some fields of `MeetingRow`; with `attempt`, only if it is still the newest.

        Raises:
            NoRecord: there is no such meeting.
            Overtaken: a newer attempt has it.
        """

    async def next_attempt(self, id: str) -> int:
        """Begin an attempt to process the meeting; all older ones can write nothing from now on."""

    async def set_stages(self, id: str, attempt: int, stages: Sequence[StageRow]) -> None:
        """Replace or add stage rows by name, in the order given. Raises `Overtaken` like `change_meeting`."""

    async def remove_meeting(self, id: str) -> None:
        """Delete a meeting with every row that belongs to it; that there is none is no error."""

    async def expired(self, now: datetime, trash_before: datetime) -> Sequence[MeetingRow]:
        """Return what retention or an old trash date says is to be deleted for good: the oldest 500, ask again."""

    async def add_events(
        self, meeting: str, events: Sequence[tuple[str, bytes]], attempt: int | None = None
    ) -> list[int]:
        """Number events (type, JSON) without holes, store them, and wake whoever follows the meeting."""

    async def events(self, meeting: str, after: int = 0, limit: int = 500) -> Sequence[EventRow]:
        """Return the events that follow a number."""

    def follow(self, meeting: str) -> AbstractAsyncContextManager[AsyncIterator[bytes | None]]:
        """Wake up at each change: None when events were (or may have been) added, bytes for what `tell` sent.

        Messages may be lost where they arrive faster than they are taken; that there are events is never lost.

        Raises:
            DatabaseAway: nobody can be followed now; raised by the iterator when the database was closed.
        """

    async def tell(self, meeting: str, message: bytes) -> None:
        """Send an unnumbered message of less than 7,000 bytes to whoever follows the meeting now, on any node."""

    async def overlays(self, meeting: str) -> Overlays:
        """Return what users changed."""

    async def set_name(self, meeting: str, label: str, name: str | None) -> None:
        """Name a speaker, or take the name away."""

    async def merge_speakers(self, meeting: str, label: str, into: str) -> None:
        """Show one speaker as another from now on; chains are resolved. As itself: take that back."""

    async def add_edit(self, meeting: str, edit: EditRow) -> None:
        """Keep a correction; a later one of the same utterance replaces its fields that are not None."""

    async def index(self, meeting: str, rows: Sequence[SearchRow]) -> None:
        """Replace what search knows of a meeting."""

    async def search(self, owner: str | None, q: str, limit: int = 20, cursor: str | None = None) -> Page[Hit]:
        """Find utterances with all words of `q` (the last one may be a beginning), newest meetings first.

        Neither case nor accents matter, nor what stands between words; a `q` without words finds nothing.

        Raises:
            BadCursor: it was not given with a page of search.
        """

    async def add_key(self, key: KeyRow) -> None:
        """Keep a key. Raises `Taken` if its id exists."""

    async def key(self, id: str) -> KeyRow:
        """Return a key by its public part. Raises `NoRecord`."""

    async def keys(self) -> Sequence[KeyRow]:
        """Return all keys, oldest first."""

    async def change_key(self, id: str, changes: Mapping[str, Any]) -> None:
        """Set `last_used_at`, `revoked_at`, `name` or `limits`."""

    async def add_session(self, session: SessionRow) -> None:
        """Keep a sign-in."""

    async def session(self, hash: bytes) -> SessionRow:
        """Return a sign-in that has not expired. Raises `NoRecord`."""

    async def end_session(self, hash: bytes) -> None:
        """Forget a sign-in."""

    async def add_share(self, share: ShareRow) -> None:
        """Keep a share link."""

    async def share(self, id: str) -> ShareRow:
        """Return a share link that has not expired. Raises `NoRecord`."""

    async def shares(self, meeting: str) -> Sequence[ShareRow]:
        """Return the links of a meeting."""

    async def end_share(self, id: str) -> None:
        """Forget a share link."""

    async def setting(self, kind: str, name: str) -> bytes:
        """Return a stored JSON document (a template, a webhook). Raises `NoRecord`."""

    async def settings(self, kind: str) -> Mapping[str, bytes]:
        """Return all documents of a kind by name."""

    async def set_setting(self, kind: str, name: str, data: bytes | None) -> None:
        """Store a document, or delete it with None."""

    async def add_usage(self, rows: Sequence[UsageRow]) -> None:
        """Add to what is kept of each day, key and model; several servers may do so at once."""

    async def usage(self, since: date, until: date, owner: str | None = None) -> Sequence[UsageRow]:
        """Return what was used from a day to a day, both included: newest first, then by key and model."""

    async def meeting_ids(self) -> Sequence[str]:
        """Return the ids of all meetings, in the trash or not, in their order."""

    async def whole_meeting(self, id: str) -> WholeMeeting:
        """Return a meeting with every row that belongs to it, as they were at one moment. Raises `NoRecord`."""

    async def house_rows(self) -> HouseRows:
        """Return what belongs to no meeting, as it was at one moment."""

    async def keep_whole_meeting(self, whole: WholeMeeting) -> None:
        """Keep what `whole_meeting` returned, at its place. Raises `Taken` if the id or place is in use."""

    async def keep_house_rows(self, rows: HouseRows) -> None:
        """Keep what `house_rows` returned; what is there already stays as it is."""

    async def see_node(self, node: NodeRow, *, first: bool = False) -> bool:
        """Note that a server lives, at the database's own time.

        `first`, at its start, takes the name from whoever had it. Return False where another process took it since.
        """

    async def nodes(self) -> Sequence[NodeRow]:
        """Return all servers that have not said good-bye, dead or alive, by name."""

    async def forget_node(self, name: str, process: str) -> None:
        """Note that a process has ended; a later one that has its name stays."""
