"""Which node hears a live meeting: asked and answered in messages that no viewer is shown."""

import anyio
import msgspec

from pipeline.events import event
from storage.records import Records

HEARD, ANYONE, HEARING = "_heard", "_anyone", "_hearing"
"""I hear it from now on; does anyone hear it?; I do."""
ANSWER_SECONDS = 5.0
"""Who hears a meeting says so within this."""


class Told(msgspec.Struct):
    """What a message is about."""

    type: str


async def say(records: Records, meeting: str, what: str) -> None:
    """Tell the other nodes."""
    await records.tell(meeting, event(what)[1])


async def is_heard(records: Records, meeting: str) -> bool:
    """Ask whether some node hears a meeting."""
    async with records.follow(meeting) as news:
        await say(records, meeting, ANYONE)
        with anyio.move_on_after(ANSWER_SECONDS):
            async for message in news:
                if message is not None and msgspec.json.decode(message, type=Told).type == HEARING:
                    return True
    return False
