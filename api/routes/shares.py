"""Links that let whoever has them read one meeting."""

from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import JSONBody, Parameter

from api.errors import problems
from api.given import TheCaller, TheMeetings
from api.routes.common import OF_ONE, MeetingId
from api.shapes import Label, Meeting, NewShare, ShareList, ShareWish, meeting_of, share_of
from pipeline.keeping import to_come


@post("/meetings/{id:str}/share", operation_id="makeShare", status_code=201, responses=problems(*OF_ONE))
async def make_share(
    id: MeetingId, meetings: TheMeetings, caller: TheCaller, data: JSONBody[ShareWish | None] = None
) -> NewShare:
    """Make a link; its token is shown this once."""
    expires = to_come(data.expires_at) if data and data.expires_at else None
    made = await meetings.share(id, caller.owner, expires_at=expires)
    known = msgspec.structs.asdict(share_of(made.row))
    return NewShare(**known, token=made.token, path=f"/s/{made.token}")


@get("/meetings/{id:str}/share", operation_id="listShares", responses=problems(*OF_ONE))
async def list_shares(id: MeetingId, meetings: TheMeetings, caller: TheCaller) -> ShareList:
    """List the links of a meeting that still open it."""
    return ShareList(tuple(map(share_of, await meetings.shares(id, caller.owner))))


@delete("/meetings/{id:str}/share/{share:str}", operation_id="endShare", responses=problems(*OF_ONE))
async def end_share(id: MeetingId, share: Label, meetings: TheMeetings, caller: TheCaller) -> None:
    """Take a link back."""
    await meetings.end_share(id, caller.owner, share)


@get("/shared/{token:str}", operation_id="readShared", responses=problems(*OF_ONE))
async def read_shared(
    token: Annotated[str, Parameter(max_length=200, description="As the link has it.")], meetings: TheMeetings
) -> Meeting:
    """Return the meeting that a link opens; with `?share=` its other parts can be read as well."""
    row = await meetings.shared(token)
    return meeting_of(row, await meetings.speakers(row.id, None))


ROUTES = (make_share, list_shares, end_share, read_shared)
