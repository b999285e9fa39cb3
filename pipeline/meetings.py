"""What can be done with meetings: the one thing that doors (HTTP, the command line) talk to."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import datetime

import msgspec

from pipeline.jobs import Jobs
from pipeline.options import Options
from pipeline.transcript import Line, Speaker, Transcript
from stages.speech import Summary
from storage.records import Records
from storage.rows import EventRow, Hit, MeetingRow, Page, ShareRow
from storage.store import Store

# INTERFACE DRAFT: signatures are stable, bodies are being written.


class UploadError(ValueError):
    """What was sent cannot be accepted; the sentence says why. Subclasses: EmptyUpload (400), TooLarge (413)."""


class EmptyUpload(UploadError):
    """No bytes came."""


class TooLarge(UploadError):
    """More bytes came than are allowed."""


class NotNow(Exception):
    """The meeting's state does not allow this (409): live meetings cannot be run again, failed ones have no transcript."""


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """How much is accepted and how long it is kept."""

    largest_upload: int = 8 * 2**30
    """Bytes."""
    trash_days: float = 30.0
    """Days that a meeting lies in the trash before it is deleted for good."""
    retention_days: float | None = None
    """Days after which a new meeting is deleted for good; None keeps it."""


class Audio(msgspec.Struct, frozen=True):
    """The sound of a meeting, as it was sent."""

    media_type: str
    """For Content-Type."""
    size: int
    """Bytes."""
    stream: Callable[[int, int], AsyncIterator[bytes]]
    """Yields the bytes start..end."""
    etag: str | None = None
    """Changes with the content."""


class Shared(msgspec.Struct, frozen=True):
    """A share link that was just made."""

    row: ShareRow
    """What is kept of it."""
    token: str
    """`<id>.<secret>`: shown once, opens the meeting."""


class Meetings:
    """Meetings of everybody; each call sees those of one owner, or with `owner=None` everybody's.

    Every method that names a meeting raises NoRecord (storage.records) where it is unknown or somebody else's.
    StoreAway, StoreFull (storage.store) and DatabaseAway (storage.records) travel through.
    """

    def __init__(self, store: Store, records: Records, jobs: Jobs, keeping: Keeping = Keeping()) -> None: ...  # noqa: B008

    async def accept(
        self,
        owner: str | None,
        body: AsyncIterator[bytes],
        *,
        file_name: str | None = None,
        media_type: str | None = None,
        title: str | None = None,
        options: Options = Options(),  # noqa: B008
    ) -> MeetingRow:
        """Stream a recording into the store; once its bytes are durable, add the meeting and start its job.

        Whatever `body` raises (a client that went away) leaves nothing behind and travels on. Owner None is `local`.

        Raises:
            EmptyUpload, TooLarge: nothing is kept.
            EngineError: no engine can do what the options ask (LanguageNotSpoken, ...): before any byte is read.
        """

    async def meeting(self, id: str, owner: str | None) -> MeetingRow:
        """Return a meeting, in the trash or not."""

    async def list(
        self, owner: str | None, q: str = "", limit: int = 50, cursor: str | None = None, *, trash: bool = False
    ) -> Page[MeetingRow]:
        """List meetings, newest first. Raises ValueError for a cursor that is none."""

    async def speakers(self, id: str, owner: str | None) -> tuple[Speaker, ...]:
        """Return who speaks, as shown (names, merges); cheap enough for each GET of a meeting."""

    async def rename(
        self, id: str, owner: str | None, *, title: str | None = None, names: Mapping[str, str | None] | None = None
    ) -> MeetingRow:
        """Change the title and name speakers (None takes a name away); what is None stays."""

    async def trash(self, id: str, owner: str | None) -> None:
        """Put a meeting into the trash; work on it stops. Before it is purged, it can be restored."""

    async def restore(self, id: str, owner: str | None) -> MeetingRow:
        """Take a meeting out of the trash; work on it goes on."""

    async def purge(self, id: str, owner: str | None) -> None:
        """Delete every trace of a meeting; work on it stops."""

    async def sweep(self) -> int:
        """Purge what lay in the trash for long enough or whose retention is over, and what dead uploads left. Return how many."""

    async def transcript(self, id: str, owner: str | None) -> Transcript:
        """Return what is known so far of who said what, with what users changed laid over it. Empty before there is any."""

    async def summary(self, id: str, owner: str | None) -> Summary | None:
        """Return the summary; None while there is none. Its evidence cites ids that the transcript has."""

    async def audio(self, id: str, owner: str | None) -> Audio:
        """Return the sound as it was sent. Raises NotStored if there is none."""

    def events(self, id: str, owner: str | None, after: int = 0) -> AsyncGenerator[EventRow, None]:
        """Yield the numbered events after a number, then new ones as they come, until the meeting is over (`end`).

        Unnumbered ones (`progress`) come between them with number 0. `data` is JSON: {"type", ...} without the number.
        """

    async def run_again(
        self, id: str, owner: str | None, from_stage: str, options: Options | None = None
    ) -> MeetingRow:
        """Make a stage and everything that rests on it again. Options None takes those of the last run.

        Raises:
            UnknownStage (ValueError): the meeting has no such stage.
            NotNow: it is live.
            EngineError: no engine can do what the options ask.
        """

    async def summarise_again(
        self, id: str, owner: str | None, *, template: str | None = None, language: str | None = None
    ) -> MeetingRow:
        """Make the summary again; None takes what the last run had."""

    async def edit_utterance(
        self, id: str, owner: str | None, utterance: str, *, text: str | None = None, speaker: str | None = None
    ) -> Line:
        """Correct the words of an utterance, or move it to another speaker; return it as it is shown now.

        Raises:
            NoRecord: no utterance has this id.
            BadEdit (ValueError): an empty text or a label that is none.
        """

    async def merge_speakers(self, id: str, owner: str | None, label: str, into: str) -> Transcript:
        """Show one speaker as another from now on. Raises NoRecord for a label that nobody has, BadEdit for itself."""

    async def name_speaker(self, id: str, owner: str | None, label: str, name: str | None) -> tuple[Speaker, ...]:
        """Name a speaker, or take the name away. Raises NoRecord for a label that nobody has."""

    async def search(self, owner: str | None, q: str, limit: int = 20, cursor: str | None = None) -> Page[Hit]:
        """Find utterances with all words of `q`."""

    async def share(self, id: str, owner: str | None, *, expires_at: datetime | None = None) -> Shared:
        """Make a link that lets whoever has it read this meeting."""

    async def shares(self, id: str, owner: str | None) -> tuple[ShareRow, ...]:
        """Return the links of a meeting."""

    async def end_share(self, id: str, owner: str | None, share: str) -> None:
        """Take a link back."""

    async def shared(self, token: str) -> MeetingRow:
        """Return the meeting that a token opens. Raises NoRecord."""
