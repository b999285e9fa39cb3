"""Words that were said in any meeting."""

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from api.errors import problems
from api.given import TheCaller, TheMeetings
from api.routes.common import USUAL, Cursor, Limit
from api.shapes import PLAIN, HitPage, hits_of


@get("/search", operation_id="search", responses=problems(*USUAL))
async def search(
    meetings: TheMeetings,
    caller: TheCaller,
    q: Annotated[str, Parameter(min_length=1, max_length=500, pattern=PLAIN, description="All must be said.")],
    limit: Limit = 20,
    cursor: Cursor = None,
) -> HitPage:
    """Find utterances with all words of `q`, newest meetings first; the last word may be a beginning."""
    return hits_of(await meetings.search(caller.owner, q, limit, cursor))


ROUTES = (search,)
