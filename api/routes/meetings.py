"""The list of meetings, and one of them: read, rename, delete."""

from typing import Annotated

import msgspec
from litestar import delete, get, patch, post
from litestar.params import JSONBody, Parameter

from api.errors import problems
from api.given import TheCaller, TheMeetings
from api.routes.common import OF_ONE, USUAL, Cursor, Limit, MeetingId, Query
from api.shapes import Change, Meeting, MeetingPage, meeting_of, page_of


@get("/meetings", operation_id="listMeetings", responses=problems(*USUAL))
async def list_meetings(
    meetings: TheMeetings,
    caller: TheCaller,
    q: Query = "",
    limit: Limit = 50,
    cursor: Cursor = None,
    trash: Annotated[bool, Parameter(description="List what lies in the trash instead.")] = False,
) -> MeetingPage:
    """List meetings, newest first; `q` finds words of their titles."""
    return page_of(await meetings.list(caller.owner, q, limit, cursor, trash=trash))


@get("/meetings/{id:str}", operation_id="readMeeting", responses=problems(*OF_ONE))
async def read_meeting(id: MeetingId, meetings: TheMeetings, caller: TheCaller) -> Meeting:
    """Return a meeting, in the trash or not."""
    row = await meetings.meeting(id, caller.owner)
    return meeting_of(row, await meetings.speakers(id, caller.owner))


@patch("/meetings/{id:str}", operation_id="changeMeeting", responses=problems(*OF_ONE))
async def change_meeting(id: MeetingId, data: JSONBody[Change], meetings: TheMeetings, caller: TheCaller) -> Meeting:
    """Rename a meeting and its speakers, or say how long it is kept; names survive every later run."""
    if data.expires_at is not msgspec.UNSET:
        await meetings.keep_until(id, caller.owner, data.expires_at)
    row = await meetings.rename(id, caller.owner, title=data.title, names=data.speakers)
    return meeting_of(row, await meetings.speakers(id, caller.owner))


@delete("/meetings/{id:str}", operation_id="deleteMeeting", responses=problems(*OF_ONE))
async def delete_meeting(
    id: MeetingId,
    meetings: TheMeetings,
    caller: TheCaller,
    purge: Annotated[bool, Parameter(description="Delete every trace at once, beyond recall.")] = False,
) -> None:
    """Put a meeting into the trash, from where it can be restored for some time; work on it stops."""
    if purge:
        await meetings.purge(id, caller.owner)
    else:
        await meetings.trash(id, caller.owner)


@post("/meetings/{id:str}/restore", operation_id="restoreMeeting", status_code=200, responses=problems(*OF_ONE))
async def restore_meeting(id: MeetingId, meetings: TheMeetings, caller: TheCaller) -> Meeting:
    """Take a meeting out of the trash; work on it goes on."""
    row = await meetings.restore(id, caller.owner)
    return meeting_of(row, await meetings.speakers(id, caller.owner))


ROUTES = (list_meetings, read_meeting, change_meeting, delete_meeting, restore_meeting)
