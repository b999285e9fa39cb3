"""The checklist of a meeting: which actions of its summary are done."""

from typing import Annotated

import msgspec
from litestar import get, patch
from litestar.params import JSONBody
from msgspec import Meta

from api.errors import problems
from api.given import TheCaller, TheMeetings
from api.routes.common import OF_ONE, MeetingId
from api.shapes import PLAIN, Label
from pipeline.ticked import Ticked, tick, ticked


class TickWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action that is done, or not done after all."""

    task: Annotated[str, Meta(min_length=1, max_length=2000, pattern=PLAIN)]
    """As the summary says it."""
    evidence: Label
    """Id of the first utterance that it rests on."""
    done: bool
    """Whether it is done."""


class TickList(msgspec.Struct, frozen=True):
    """Actions that are done."""

    items: tuple[Ticked, ...]
    """In no order that means anything."""


@get("/meetings/{id:str}/actions", operation_id="listDoneActions", responses=problems(*OF_ONE))
async def list_done(id: MeetingId, meetings: TheMeetings, caller: TheCaller) -> TickList:
    """List the actions that somebody has ticked off; they stay ticked when the summary is made again."""
    row = await meetings.meeting(id, caller.owner)
    return TickList(await ticked(meetings.store, row.id))


@patch("/meetings/{id:str}/actions", operation_id="tickAction", responses=problems(*OF_ONE))
async def tick_action(id: MeetingId, data: JSONBody[TickWish], meetings: TheMeetings, caller: TheCaller) -> TickList:
    """Tick an action off, or take that back; return all that are done."""
    row = await meetings.meeting(id, caller.owner)
    await tick(meetings.store, row.id, Ticked(task=data.task, evidence=data.evidence), done=data.done)
    return TickList(await ticked(meetings.store, row.id))


ROUTES = (list_done, tick_action)
