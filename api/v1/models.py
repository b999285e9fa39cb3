"""GET /v1/models and /v1/models/{id}: what is served, under every name it answers to."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from api.v1.endpoint import Door, Tell, from_scope
from api.v1.errors import Told, told
from api.v1.exchange import Exchange, Receive, Scope, Send
from pipeline.gateway.errors import UnknownModel
from pipeline.gateway.route import Route
from pipeline.gateway.switchboard import Switchboard

PREFIX = "/v1/models"
NOT_GET = Told(405, "This address takes GET only.", "method_not_allowed")


def listed(name: str, route: Route, aliases: Sequence[str]) -> dict[str, Any]:
    """Return a model as /v1/models lists it under one of its names. `aliases` are all but its id."""
    offer = route.offer
    said: dict[str, Any] = {
        "id": name,
        "object": "model",
        "created": offer.created,
        "owned_by": offer.owned_by,
        "type": offer.type,
        "aliases": aliases,
        "providers": [member.target.name for member in route.members],
    }
    if name != offer.id:
        said["root"] = offer.id
    if offer.description:
        said["description"] = offer.description
    if offer.max_context_length is not None:
        said["max_context_length"] = offer.max_context_length
    return said


def aliases(names: Mapping[str, Route]) -> Mapping[str, Sequence[str]]:
    """Return the names that a model has beside its id, by id: those that are configured first, then our own."""
    found = {route.offer.id: list(route.model.aliases) for route in names.values()}
    for name, route in names.items():
        if name != route.offer.id and name not in found[route.offer.id]:
            found[route.offer.id].append(name)
    return found


def listing(names: Mapping[str, Route]) -> list[dict[str, Any]]:
    """Return all models as /v1/models lists them, by name."""
    others = aliases(names)
    return [listed(name, route, others[route.offer.id]) for name, route in sorted(names.items())]


class Models:
    """An ASGI application that lists models."""

    def __init__(self, board: Switchboard, tell: Tell = Told.body, door: Door = from_scope) -> None:
        self._board, self._tell, self._door = board, tell, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        exchange = Exchange(scope, receive, send, self._door(scope))
        if scope["method"] not in ("GET", "HEAD"):
            await exchange.answer(405, self._tell(NOT_GET), headers=[(b"allow", b"GET, HEAD")])
            return
        names = self._board.directory.names()
        # Mounted, it is given what follows its own path, with a slash at the end.
        id = scope["path"].removeprefix(PREFIX).strip("/")
        if not id:
            await exchange.answer(200, msgspec.json.encode({"object": "list", "data": listing(names)}))
        elif id in names:
            await exchange.answer(200, msgspec.json.encode(listed(id, names[id], aliases(names)[names[id].offer.id])))
        else:
            said = told(UnknownModel(id, difflib.get_close_matches(id[:100], names, n=3, cutoff=0.5)))
            await exchange.answer(said.status, self._tell(said))
