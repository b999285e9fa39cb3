"""A stage and everything that rests on it, made again."""

from litestar import post
from litestar.params import JSONBody

from api.errors import problems
from api.given import TheCaller, TheMeetings, TheShelf
from api.routes.common import OF_ONE, MeetingId
from api.shapes import Meeting, RunWish, meeting_of
from api.wish import options_of
from pipeline.order import Order


@post("/meetings/{id:str}/runs", operation_id="runAgain", status_code=202, responses=problems(*OF_ONE, 409, 422))
async def run_again(
    id: MeetingId, data: JSONBody[RunWish], meetings: TheMeetings, shelf: TheShelf, caller: TheCaller
) -> Meeting:
    """Run again from a stage, with other engines or options; what was there is shown until then."""
    if data.template is not None:
        await shelf.find(data.template)
    row = await meetings.meeting(id, caller.owner)
    row = await meetings.run_again(id, caller.owner, data.from_, options_of(data, Order.of(row)))
    return meeting_of(row, await meetings.speakers(id, caller.owner))


ROUTES = (run_again,)
