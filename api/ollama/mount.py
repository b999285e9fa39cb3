"""Ollama's routes, for an application to take in."""

from collections.abc import Sequence

from litestar.handlers import ASGIRouteHandler

from api.v1.endpoint import Door
from pipeline.gateway.switchboard import Switchboard


def routes(board: Switchboard, door: Door) -> Sequence[ASGIRouteHandler]:
    """Return them."""
    return []
