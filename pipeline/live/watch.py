"""Looks whether a live meeting is still ours to hear: it may be trashed, deleted, or heard by another node."""

from collections.abc import Callable

import anyio
import msgspec

from pipeline.events import event
from storage.records import DatabaseAway, Overtaken, Records

LOOK_SECONDS = 15.0
"""It is looked at so often, since news may be lost."""
NEWS = ("trashed", "purged", "heard")
"""Messages after which it is looked at, at once."""


class _Told(msgspec.Struct):
    type: str


async def watch(records: Records, meeting: str, attempt: int, stop: Callable[[], None]) -> None:
    """Call `stop` if the meeting is put into the trash.

    Raises:
        NoRecord: it was deleted.
        Overtaken: another node hears it.
    """
    await _say(records, meeting)
    while True:
        try:
            async with records.follow(meeting) as news:
                await _look(records, meeting, attempt, stop)
                with anyio.move_on_after(LOOK_SECONDS):
                    async for message in news:
                        if message is not None and msgspec.json.decode(message, type=_Told).type in NEWS:
                            break
        except DatabaseAway:
            await anyio.sleep(LOOK_SECONDS / 3)


async def _say(records: Records, meeting: str) -> None:
    """Let whoever heard the meeting before know that it is not theirs any more."""
    try:
        await records.tell(meeting, event("heard")[1])
    except DatabaseAway:
        return  # they look by themselves


async def _look(records: Records, meeting: str, attempt: int, stop: Callable[[], None]) -> None:
    row = await records.meeting(meeting)
    if row.attempt != attempt:
        raise Overtaken(f"Another node hears the meeting {meeting}.")
    if row.deleted_at is not None:
        stop()
