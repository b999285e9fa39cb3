"""Whether the server lives, whether it can work, and what it has done."""

from typing import Literal

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from api.caller import Caller
from api.errors import problems
from api.given import TheMeter, TheReadiness
from api.meter import Meter
from api.readiness import Ready


class Alive(msgspec.Struct, frozen=True):
    """The server lives."""

    status: Literal["alive"]
    """Always `alive`."""


@get(["/health", "/api/health"], operation_id=lambda _, __, parts: "_".join(map(str, parts)), opt={"door": "open"})
async def health() -> Alive:
    """Tell that the server lives; it may still be unable to work."""
    return Alive("alive")


@get(
    "/health/ready",
    operation_id="ready",
    opt={"door": "open"},
    responses={503: ResponseSpec(Ready, generate_examples=False, description="Something is away or broken.")},
)
async def ready(readiness: TheReadiness, caller: NamedDependency[Caller | None]) -> Response[Ready]:
    """Tell whether store, database and engines can do their work; 503 where one of them cannot.

    Everybody is told states; where things are and what is wrong with them is for admins.
    """
    found = await readiness.look()
    if caller is None or caller.role != "admin":
        found = found.states(providers=caller is not None and caller.role != "share")
    return Response(found, status_code=200 if found.ready else 503)


@get(
    "/metrics",
    operation_id="metrics",
    responses={
        200: ResponseSpec(str, generate_examples=False, media_type="text/plain", description="Counters."),
        **problems(401, 403, 429, 503),
    },
)
async def metrics(meter: TheMeter) -> Response[bytes]:
    """Tell what was done so far, as Prometheus reads it."""
    return Response(await meter.written(), headers={"Content-Type": Meter.media_type})


ROUTES = (health, ready, metrics)
