"""A connection that watches a meeting: a snapshot, then events as they come."""

from contextlib import aclosing

import anyio
import msgspec

from api.caller import Caller
from api.goodbye import Goodbye
from api.live.line import AnySocket, Gone, Line, first_of
from api.live.refusals import Stopping, Stuck, ending
from api.live.sending import BEAT_SECONDS
from pipeline.meetings import Meetings


class _Over(Exception):
    """Everything is said."""


class Watching:
    """One WebSocket at /api/meetings/{id}/live. It reads as fast as it can; the meeting never waits for it."""

    def __init__(
        self, socket: AnySocket, meetings: Meetings, caller: Caller, closing: Goodbye, stuck_seconds: float
    ) -> None:
        self._meetings, self._caller, self._closing = meetings, caller, closing
        self._line = Line(socket, stuck_seconds)

    async def run(self, id: str, after: int | None) -> None:
        """Tell events after a number, or everything so far and then events, to the end of the meeting."""
        try:
            try:
                if after is None:
                    after = await self._snapshot(id)
                else:
                    await self._meetings.meeting(id, self._caller.owner)
                async with anyio.create_task_group() as tasks:
                    for work in (self._beat, self._end, self._listen):
                        tasks.start_soon(work)
                    await self._tell(id, after)
            except BaseExceptionGroup as group:
                raise first_of(group) from None
        except (Gone, _Over):
            await self._line.end()
        except Stuck:
            await self._line.end(None)
        except Exception as error:  # noqa: BLE001 - mapped to what the client is told; what is unknown is logged
            await self._line.end(ending(error))

    async def _snapshot(self, id: str) -> int:
        seen = await self._meetings.snapshot(id, self._caller.owner)
        told = {
            "type": "snapshot",
            "seq": seen.number,
            "meeting": {"id": seen.row.id, "title": seen.row.title, "state": seen.row.state, "error": seen.row.error},
            "transcript": seen.transcript,
            "summary": seen.summary,
        }
        await self._line.send(msgspec.json.encode(told))
        return seen.number

    async def _tell(self, id: str, after: int) -> None:
        async with aclosing(self._meetings.events(id, self._caller.owner, after)) as events:
            async for event in events:
                await self._line.pass_on(event)
        raise _Over

    async def _beat(self) -> None:
        while True:
            await anyio.sleep_until(self._line.told + BEAT_SECONDS)
            if anyio.current_time() >= self._line.told + BEAT_SECONDS:
                await self._line.tell("here")

    async def _end(self) -> None:
        await self._closing.wait()
        raise Stopping("The server stops. Connect again.")

    async def _listen(self) -> None:
        """Notice that the client goes; what it says is nothing to us."""
        while True:
            await self._line.receive()
