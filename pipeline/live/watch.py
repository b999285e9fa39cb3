"""Looks whether a live meeting is still ours to hear: it may be trashed, deleted, or heard by another node."""

from collections.abc import Callable

import anyio
import msgspec

from pipeline.live.heard import ANYONE, HEARD, HEARING, Told, say
from storage.records import DatabaseAway, Overtaken, Records

LOOK_SECONDS = 15.0
"""It is looked at so often, since news may be lost."""
NEWS = ("trashed", "purged", HEARD)
"""Messages after which it is looked at, at once."""


async def watch(records: Records, meeting: str, attempt: int, stop: Callable[[], None]) -> None:
    """Call `stop` if the meeting is put into the trash.

    Raises:
        NoRecord: it was deleted.
        Overtaken: another node hears it.
    """
    is_said = False
    while True:
        try:
            async with records.follow(meeting) as news:
                if not is_said:
                    await say(records, meeting, HEARD)
                    is_said = True
                await _look(records, meeting, attempt, stop)
                with anyio.move_on_after(LOOK_SECONDS):
                    async for message in news:
                        told = msgspec.json.decode(message, type=Told).type if message is not None else ""
                        if told == ANYONE:
                            await say(records, meeting, HEARING)
                        if told in NEWS:
                            await _look(records, meeting, attempt, stop)
        except DatabaseAway:
            await anyio.sleep(LOOK_SECONDS / 3)


async def _look(records: Records, meeting: str, attempt: int, stop: Callable[[], None]) -> None:
    row = await records.meeting(meeting)
    if row.attempt != attempt:
        raise Overtaken(f"Another node hears the meeting {meeting}.")
    if row.deleted_at is not None:
        stop()
