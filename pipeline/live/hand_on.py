"""A live meeting that ended -> one WAV file in the store, labels that viewers know, and the order to process it."""

from functools import partial

import msgspec

from pipeline.events import end_event, error_event, stage_event
from pipeline.holes import keep_holes
from pipeline.jobs import Jobs
from pipeline.journal import delete_journals
from pipeline.labels import keep_labels, kept_labels
from pipeline.live.known import Known, known
from pipeline.live.merge import TooLong, merge
from pipeline.live.session import LiveSession
from pipeline.manifest import folder_of
from pipeline.order import Order
from pipeline.outline import Outline
from pipeline.patience import Patience
from pipeline.queues import SOON
from storage.rows import MeetingRow, StageRow

NOTHING = "No sound came. Begin a new meeting, and check the microphone."


async def hand_on(session: LiveSession, jobs: Jobs, patience: Patience) -> None:
    """Store what was heard, and order the offline run, however long the store or the database is away.

    Raises:
        NoRecord, Overtaken: the meeting was deleted, or another node has it.
    """
    row, recording = session.row, session.recording
    if recording.duration == 0:
        await (_drop(session, patience) if session.is_abandoned else fail(session, NOTHING, patience))
        return
    # A node that lost the meeting, and does not know that yet, replaces nothing here.
    key = f"{folder_of(row.id)}/original/{session.attempt:06}/meeting.wav"
    try:
        size = await patience.until_done(lambda: merge(recording, session.store, key))
    except TooLong as error:
        await fail(session, str(error), patience)
        return
    seen = await patience.until_done(lambda: known(session.records, row.id))
    await patience.until_done(partial(_keep, session, seen))
    changed = await patience.until_done(
        partial(_order, session, key, size, Outline(jobs.work.pool, jobs.work.steps_of))
    )
    if changed.deleted_at is None:
        await jobs.start(changed, SOON)
    await patience.until_done(lambda: delete_journals(session.store, row.id))


async def fail(session: LiveSession, why: str, patience: Patience) -> None:
    """Say on the meeting that nothing will come of it, and why."""
    records, id, attempt = session.records, session.row.id, session.attempt
    change = partial(records.change_meeting, id, {"state": "failed", "error": why}, attempt)
    row = await patience.until_done(change)
    events = [error_event("failed", why), end_event(Order.of(row).run, row.state)]
    await patience.until_done(lambda: records.add_events(id, events, attempt))


async def _drop(session: LiveSession, patience: Patience) -> None:
    """Delete a meeting in which nothing was ever heard, and to which nobody came back: not here, nor elsewhere."""
    await patience.until_done(lambda: session.records.change_meeting(session.row.id, {}, session.attempt))
    await patience.until_done(lambda: session.records.remove_meeting(session.row.id))
    await patience.until_done(lambda: session.store.delete_all(folder_of(session.row.id)))


async def _keep(session: LiveSession, seen: Known) -> None:
    """Keep what the offline run cannot know: who is called what, and where sound was missing."""
    store, id = session.store, session.row.id
    # An attempt that was taken over writes nothing: the database knows.
    await session.records.change_meeting(id, {}, session.attempt)
    holes = [gap for gap in seen.spans if gap.stage == "recording"]
    if holes:
        await keep_holes(store, id, holes)
    await keep_labels(store, id, (await kept_labels(store, id)).after(seen.utterances))


async def _order(session: LiveSession, key: str, size: int, outline: Outline) -> MeetingRow:
    records, id = session.records, session.row.id
    order = Order.of(await records.meeting(id))
    if len(session.recording.tracks) > 1:
        order = msgspec.structs.replace(order, tracks="channels")
    await records.set_stages(id, session.attempt, outline.rows(order))
    await records.add_events(id, [stage_event(StageRow(name="recording", state="done", progress=1.0))], session.attempt)
    changes = {
        "state": "processing",
        "original": key,
        "media_type": "audio/wav",
        "size": size,
        "duration": session.recording.duration,
        "options": order.kept(),
    }
    return await records.change_meeting(id, changes, session.attempt)
