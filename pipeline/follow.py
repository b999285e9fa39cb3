"""Events of a meeting, as they come, until it is over."""

from collections.abc import AsyncGenerator

import anyio
import msgspec

from pipeline.events import END
from storage.records import NoRecord, Records
from storage.rows import EventRow

PAGE = 500
"""Events read together."""
LOOK_SECONDS = 15.0
"""A meeting of which nothing is heard is looked at so often: the news that it is gone may have been lost."""

HIDDEN = "_"
"""Messages of these names are for other nodes alone."""


class _Told(msgspec.Struct):
    type: str


async def follow(records: Records, meeting: str, after: int = 0) -> AsyncGenerator[EventRow, None]:
    """Yield the numbered events after a number, then what comes; unnumbered ones have the number 0.

    Ends after the `end` of the last run, or when the meeting is deleted.
    """
    over = False
    while not over:
        async with records.follow(meeting) as news:
            while True:
                async for event in _after(records, meeting, after):
                    after = event.number
                    yield event
                over = await _is_over(records, meeting, after)
                if over:
                    break
                message: bytes | None = None
                with anyio.move_on_after(LOOK_SECONDS) as waited:
                    message = await anext(news, None)
                if waited.cancelled_caught:
                    break  # the news ended with the wait: follow anew
                told = msgspec.json.decode(message, type=_Told).type if message is not None else HIDDEN
                if message is not None and not told.startswith(HIDDEN):
                    yield EventRow(0, told, message)


async def _after(records: Records, meeting: str, after: int) -> AsyncGenerator[EventRow, None]:
    while events := await records.events(meeting, after, PAGE):
        for event in events:
            yield event
        after = events[-1].number


async def _is_over(records: Records, meeting: str, after: int) -> bool:
    """Return whether nothing will follow the event with this number."""
    try:
        row = await records.meeting(meeting)
    except NoRecord:
        return True
    if row.deleted_at is not None:
        return True
    if row.state in ("live", "processing"):
        return False
    # The state comes first, the end of the run after it.
    last = await records.events(meeting, max(0, after - 1), 2)
    return not last or (last[-1].number <= after and last[-1].type == END)
