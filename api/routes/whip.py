"""WebRTC in: an SDP offer is answered, and what the participant says becomes a track of a live meeting.

Source: RFC 9725 (WHIP).
"""

from typing import Annotated, Any, TypeAlias

from litestar import MediaType, Request, Response, delete, patch, post
from litestar.di import NamedDependency
from litestar.params import Parameter, SkipValidation

from api.bodies import OfferOperation
from api.errors import BadRequest, NotThere, Problem, WrongType, problems
from api.given import TheCaller
from api.routes.common import ID, USUAL
from api.shapes import PLAIN
from pipeline.live.publication import BadOffer
from pipeline.live.publications import IceServer, NoPublication, Publications

SDP = "application/sdp"
LARGEST_OFFER = 256 * 1024
"""Bytes."""
FOLLOW = "monitor"
"""Relation of the address at which the meeting can be followed. Source: RFC 5989, section 4."""

ThePublications: TypeAlias = NamedDependency[SkipValidation[Publications]]
SessionId: TypeAlias = Annotated[str, Parameter(pattern=ID, description="As `Location` named it.")]


class NoTrickle(Problem):
    """Connections are not changed once they are."""

    status = 405


@post(
    "/whip",
    operation_id="publish",
    operation_class=OfferOperation,
    status_code=201,
    request_max_body_size=LARGEST_OFFER,
    media_type=MediaType.TEXT,
    responses=problems(*USUAL, 404, 409, 413, 415),
)
async def publish(
    request: Request[Any, Any, Any],
    publications: ThePublications,
    caller: TheCaller,
    meeting: Annotated[str | None, Parameter(pattern=ID, description="Meeting to join; left out, one begins.")] = None,
    name: Annotated[
        str | None, Parameter(max_length=80, pattern=PLAIN, description="What the participant is called.")
    ] = None,
) -> Response[str]:
    """Send sound over WebRTC; each participant has a connection of their own."""
    if request.content_type[0] != SDP:
        raise WrongType(f"Send the SDP offer as {SDP}.")
    try:
        offer = (await request.body()).decode()
        made, answer = await publications.begin(caller.owner, offer, meeting, name)
    except (BadOffer, UnicodeDecodeError) as error:
        raise BadRequest(str(error)) from error
    id = made.session.row.id
    links = [f'</api/meetings/{id}/live>; rel="{FOLLOW}"', *map(ice_link, publications.settings.servers)]
    headers = {"Location": f"/api/whip/{made.id}", "Link": ", ".join(links), "X-Meeting": id}
    return Response(answer, media_type=SDP, headers=headers)


@patch("/whip/{session:str}", operation_id="trickle", responses=problems(*USUAL, 405))
async def trickle(session: SessionId) -> None:  # noqa: ARG001 - named by the path
    """Refuse: the answer holds every candidate, and connections do not move."""
    raise NoTrickle("Send all candidates with the offer; begin anew to move a connection.", {"Allow": "DELETE"})


@delete("/whip/{session:str}", operation_id="endPublishing", status_code=200, responses=problems(*USUAL, 404))
async def end(session: SessionId, publications: ThePublications, caller: TheCaller) -> None:
    """End a connection; the last of a meeting ends the meeting."""
    try:
        await publications.end(session, caller.owner)
    except NoPublication as error:
        raise NotThere(str(error)) from error


def ice_link(server: IceServer) -> str:
    """Tell of an ICE server. Source: RFC 9725, section 4.6."""
    link = f'<{server.url}>; rel="ice-server"'
    if server.username is not None and server.credential is not None:
        link += f'; username="{server.username}"; credential="{server.credential}"; credential-type="password"'
    return link


ROUTES = (publish, trickle, end)
