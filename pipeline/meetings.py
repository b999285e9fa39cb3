"""What can be done with meetings: the one thing that doors (HTTP, the command line) talk to."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta

import anyio
import msgspec

from pipeline.audio import Audio, audio
from pipeline.corrections import BadEdit, Corrections
from pipeline.follow import follow
from pipeline.intake import Intake, Wanted, title_of
from pipeline.jobs import Jobs
from pipeline.keeping import Keeping
from pipeline.live.known import known
from pipeline.options import Options
from pipeline.order import Order
from pipeline.outline import Outline, UnknownStage
from pipeline.queues import SOON
from pipeline.sharing import Shared, opened, share
from pipeline.slides import may_show
from pipeline.transcript import Line, Speaker, Transcript
from pipeline.trash import Trash
from pipeline.unowned import Unowned
from pipeline.upload import EmptyUpload, TooLarge, UploadError
from pipeline.view import speakers, view
from stages.summary import Length, Summary
from storage.records import NoRecord, Records
from storage.rows import EventRow, Hit, MeetingRow, Page, ShareRow
from storage.store import Store

__all__ = [
    "Audio", "BadEdit", "EmptyUpload", "Keeping", "Meetings", "NotNow", "Shared", "TooLarge", "UnknownStage",
    "UploadError",
]  # fmt: skip


class NotNow(Exception):
    """The state of the meeting does not allow this; the sentence says what to do."""


class Snapshot(msgspec.Struct, frozen=True):
    """A meeting as it is now, for whoever follows it from here on."""

    row: MeetingRow
    """What is known of it."""
    transcript: Transcript
    """Who said what so far."""
    summary: Summary | None
    """None while there is none."""
    number: int
    """Number of an event: what came up to it is in the transcript, what follows is told by events."""


class Meetings:
    """Meetings of everybody; each call sees those of one owner, or with `owner=None` everybody's.

    Every method that names a meeting raises NoRecord where it is unknown or somebody else's. Errors of a store or
    database that is away travel through.
    """

    def __init__(self, store: Store, records: Records, jobs: Jobs, keeping: Keeping | None = None) -> None:
        self.store, self.records, self.jobs = store, records, jobs
        self.keeping = keeping or Keeping()
        self._unowned = Unowned(store, records, jobs.executor)
        self._intake = Intake(store, records, self._unowned)
        self._trash = Trash(store, records, jobs, self._unowned, self.keeping.trash_days)
        self._corrections = Corrections(store, records)
        self._outline = Outline(jobs.work.pool, jobs.work.steps_of)

    async def accept(
        self,
        owner: str | None,
        body: AsyncIterator[bytes],
        *,
        file_name: str | None = None,
        media_type: str | None = None,
        title: str | None = None,
        options: Options | None = None,
        late: Callable[[], tuple[str | None, Options]] | None = None,
    ) -> MeetingRow:
        """Stream a recording into the store; once its bytes are durable, add the meeting and start its job.

        `late` is asked for title and options again after the last byte: a form may have fields after its file.
        Whatever `body` raises (a client that went away) leaves nothing behind and travels on. No owner is `local`.

        Raises:
            EmptyUpload: nothing came.
            TooLarge: more came than is allowed.
            EngineError: no engine can do what the options ask; no byte was read.
        """
        pictures = not (media_type or "").startswith("audio/")
        first = Wanted(title, options or Options(), tuple(self._outline.rows(options or Options(), pictures=pictures)))

        def wanted() -> Wanted:
            if late is None:
                return first
            last = late()
            return Wanted(*last, tuple(self._outline.rows(last[1], pictures=pictures)))

        days = self.keeping.retention_days
        expires = datetime.now(UTC) + timedelta(days=days) if days is not None else None
        most = self.keeping.largest_upload
        row = await self._intake.accept(
            owner or "local", body, file_name, media_type, wanted, most=most, expires_at=expires
        )
        with anyio.CancelScope(shield=True):
            await self.jobs.start(row)
        return row

    async def meeting(self, id: str, owner: str | None) -> MeetingRow:
        """Return a meeting, in the trash or not."""
        return await self.records.meeting(id, owner)

    async def list(
        self, owner: str | None, q: str = "", limit: int = 50, cursor: str | None = None, *, trash: bool = False
    ) -> Page[MeetingRow]:
        """List meetings, newest first. Raises BadCursor (also a ValueError)."""
        return await self.records.meetings(owner, q, limit, cursor, trash=trash)

    async def speakers(self, id: str, owner: str | None) -> tuple[Speaker, ...]:
        """Return who speaks, as shown; cheap enough for each look at a meeting."""
        return await speakers(self.store, self.records, await self.records.meeting(id, owner))

    async def rename(
        self, id: str, owner: str | None, *, title: str | None = None, names: Mapping[str, str | None] | None = None
    ) -> MeetingRow:
        """Change the title and name speakers, where None takes a name away; what is not given stays.

        Raises:
            BadEdit: a name or the title is empty or too long.
            NoRecord: nobody has one of the labels; what was named before it is kept.
        """
        row = await self.records.meeting(id, owner)
        if title is not None:
            row = await self.records.change_meeting(id, {"title": title_of(title)})
        for label, name in (names or {}).items():
            await self._corrections.name(row, label, name)
        return row

    async def keep_until(self, id: str, owner: str | None, until: datetime | None) -> MeetingRow:
        """Say when a meeting is deleted for good; None keeps it. Raises BadEdit if the server keeps none so long."""
        row = await self.records.meeting(id, owner)
        return await self.records.change_meeting(id, {"expires_at": self.keeping.until(row.created_at, until)})

    async def trash(self, id: str, owner: str | None) -> None:
        """Put a meeting into the trash; work on it stops. Until it is purged, it can be restored."""
        await self._trash.put(await self.records.meeting(id, owner))

    async def restore(self, id: str, owner: str | None) -> MeetingRow:
        """Take a meeting out of the trash; work on it goes on."""
        return await self._trash.restore(await self.records.meeting(id, owner))

    async def purge(self, id: str, owner: str | None) -> None:
        """Delete every trace of a meeting; work on it stops."""
        await self.records.meeting(id, owner)
        await self._trash.purge(id)

    async def sweep(self) -> int:
        """Purge what lay in the trash for long enough or must be kept no longer, and what dead uploads left.

        Returns how many meetings and uploads are gone.
        """
        return await self._trash.sweep()

    async def transcript(self, id: str, owner: str | None) -> Transcript:
        """Return who said what, as far as it is known, with what users changed laid over it."""
        row = await self.records.meeting(id, owner)
        return (await view(self.store, self.records, row)).transcript

    async def snapshot(self, id: str, owner: str | None) -> Snapshot:
        """Return everything so far, and from where events go on."""
        number = (await known(self.records, id)).number
        row = await self.records.meeting(id, owner)
        seen = await view(self.store, self.records, row)
        return Snapshot(row, seen.transcript, seen.summary, number)

    async def summary(self, id: str, owner: str | None) -> Summary | None:
        """Return the summary; None while there is none. Its evidence cites ids that the transcript has."""
        row = await self.records.meeting(id, owner)
        return (await view(self.store, self.records, row)).summary

    async def audio(self, id: str, owner: str | None) -> Audio:
        """Return the sound as it was sent.

        Raises:
            NotStored: there is none.
        """
        return await audio(self.store, await self.records.meeting(id, owner))

    async def events(self, id: str, owner: str | None, after: int = 0) -> AsyncGenerator[EventRow, None]:
        """Yield the numbered events after a number, then new ones as they come, until the meeting is over.

        Unnumbered ones (`progress`) come between them with the number 0. `data` is JSON, without the number.
        """
        await self.records.meeting(id, owner)
        async for told in follow(self.records, id, after):
            yield told

    async def run_again(
        self, id: str, owner: str | None, from_stage: str, options: Options | None = None
    ) -> MeetingRow:
        """Make a stage and everything that rests on it again. Without options, with those of the last run.

        Raises UnknownStage; EngineError where no engine can do what the options ask; NotNow if it is live, in the
        trash, or its sound is not kept.
        """
        row = await self.records.meeting(id, owner)
        order = Order.of(row).again(from_stage, options)
        waiting = self._outline.rows(order, from_stage, pictures=may_show(row))
        _check_runnable(row)
        await self.jobs.stop(id)
        # The order first: killed right after it, the meeting is found unfinished and worked on.
        row = await self.records.change_meeting(id, {"options": order.kept(), "state": "processing", "error": None})
        await self.records.set_stages(id, await self.records.next_attempt(id), waiting)
        await self.jobs.start(row, SOON)
        return await self.records.meeting(id)

    async def summarise_again(
        self,
        id: str,
        owner: str | None,
        *,
        template: str | None = None,
        language: str | None = None,
        length: Length | None = None,
        model: str | None = None,
        glossary: tuple[str, ...] | None = None,
    ) -> MeetingRow:
        """Make the summary again; what is not given is as the last run had it."""
        given = {
            "template": template,
            "summary_language": language,
            "summary_length": length,
            "summary_model": model,
            "glossary": glossary,
        }
        before = Order.of(await self.records.meeting(id, owner))
        options = before.asked(**{name: value for name, value in given.items() if value is not None})
        return await self.run_again(id, owner, "summarize", options)

    async def edit_utterance(
        self, id: str, owner: str | None, utterance: str, *, text: str | None = None, speaker: str | None = None
    ) -> Line:
        """Correct the words of an utterance, or move it to another speaker; return it as it is shown now.

        Raises:
            NoRecord: no utterance has this id.
            BadEdit: an empty text, or a label that is none.
        """
        return await self._corrections.edit(await self.records.meeting(id, owner), utterance, text, speaker)

    async def merge_speakers(self, id: str, owner: str | None, label: str, into: str) -> Transcript:
        """Show one speaker as another from now on; as itself takes that back. Raises NoRecord for an unknown label."""
        return await self._corrections.merge(await self.records.meeting(id, owner), label, into)

    async def name_speaker(self, id: str, owner: str | None, label: str, name: str | None) -> tuple[Speaker, ...]:
        """Name a speaker, or take the name away. Raises NoRecord for an unknown label, BadEdit for too long a name."""
        return await self._corrections.name(await self.records.meeting(id, owner), label, name)

    async def search(self, owner: str | None, q: str, limit: int = 20, cursor: str | None = None) -> Page[Hit]:
        """Find utterances with all words of `q`. Raises BadCursor (also a ValueError)."""
        return await self.records.search(owner, q, limit, cursor)

    async def share(self, id: str, owner: str | None, *, expires_at: datetime | None = None) -> Shared:
        """Make a link that lets whoever has it read this meeting."""
        await self.records.meeting(id, owner)
        return await share(self.records, id, expires_at)

    async def shares(self, id: str, owner: str | None) -> tuple[ShareRow, ...]:
        """Return the links of a meeting."""
        await self.records.meeting(id, owner)
        return tuple(await self.records.shares(id))

    async def end_share(self, id: str, owner: str | None, share: str) -> None:
        """Take a link of a meeting back."""
        if share not in (row.id for row in await self.shares(id, owner)):
            raise NoRecord("This meeting has no such link.")
        await self.records.end_share(share)

    async def shared(self, token: str) -> MeetingRow:
        """Return the meeting that a token opens. Raises NoRecord."""
        return await opened(self.records, token)


def _check_runnable(row: MeetingRow) -> None:
    if row.state == "live":
        raise NotNow("The meeting is live; end it first.")
    if row.deleted_at is not None:
        raise NotNow("The meeting lies in the trash; restore it first.")
    if row.original is None:
        raise NotNow("The sound of this meeting is not kept.")
