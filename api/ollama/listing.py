"""GET /api/tags, /api/models, /api/ps and /api/version, POST /api/show: what is served, as Ollama tells it."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from api.v1.endpoint import Door, Request
from api.v1.exchange import Exchange, Receive, Scope, Send
from api.v1.models import listing
from pipeline.gateway.body import required, value_of
from pipeline.gateway.route import Route
from pipeline.gateway.switchboard import Switchboard

VERSION = "0.12.6"
"""Of Ollama, whose dialect this is: clients look at it before they use what is newer."""
CAPABILITIES = {
    "text-generation": ["completion", "tools"],
    "image-text-to-text": ["completion", "tools", "vision"],
    "text-embeddings-inference": ["embedding"],
}
"""What Ollama's clients take a model for."""
FOREVER = timedelta(days=365 * 10)


class Listing:
    """An ASGI application that answers one GET."""

    def __init__(self, said: Callable[[Switchboard], Any], board: Switchboard, door: Door) -> None:
        self._said, self._board, self._door = said, board, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        exchange = Exchange(scope, receive, send, self._door(scope))
        if scope["method"] not in ("GET", "HEAD"):
            said = msgspec.json.encode({"error": "This address takes GET only."})
            await exchange.answer(405, said, headers=[(b"allow", b"GET, HEAD")])
            return
        await exchange.answer(200, msgspec.json.encode(self._said(self._board)))


def tags(board: Switchboard) -> dict[str, Any]:
    """Return what is served."""
    return {"models": [_tag(name, route) for name, route in _shown(board)]}


def models(board: Switchboard) -> dict[str, Any]:
    """Return what is served, as either dialect lists it."""
    return {**tags(board), "object": "list", "data": listing(board.directory.names())}


def running(board: Switchboard) -> dict[str, Any]:
    """Return what answers now: whoever serves a model keeps it in memory."""
    until = (datetime.now(UTC) + FOREVER).isoformat()
    return {
        "models": [
            _tag(name, route) | {"expires_at": until, "size_vram": 0}
            for name, route in _shown(board)
            if any(member.target.breaker.state == "closed" for member in route.members)
        ]
    }


def version(_: Switchboard) -> dict[str, Any]:
    """Return the version of the dialect."""
    return {"version": VERSION}


async def show(request: Request) -> None:
    """Tell of one model."""
    name = value_of(request.fields, "model", str) or required(request.fields, "name", str)
    route = await request.board.find(name)
    offer = route.offer
    length = {} if offer.max_context_length is None else {"parley.context_length": offer.max_context_length}
    said = {
        "license": "",
        "modelfile": f"FROM {offer.id}",
        "parameters": "" if route.model.max_tokens is None else f"num_predict {route.model.max_tokens}",
        "template": "{{ .Prompt }}",
        "details": _details(route),
        "model_info": {"general.architecture": "parley", "general.basename": offer.id, **length},
        "capabilities": CAPABILITIES.get(offer.type, []),
        "modified_at": _modified(route),
    }
    await request.exchange.answer(200, msgspec.json.encode(said))


def _shown(board: Switchboard) -> list[tuple[str, Route]]:
    """Return what Ollama's clients know what to do with."""
    return [(name, route) for name, route in sorted(board.directory.names().items()) if route.type in CAPABILITIES]


def _tag(name: str, route: Route) -> dict[str, Any]:
    digest = hashlib.sha256(route.id.encode()).hexdigest()
    said = {"name": name, "model": name, "modified_at": _modified(route), "size": 0, "digest": digest}
    return {**said, "details": _details(route)}


def _modified(route: Route) -> str:
    return datetime.fromtimestamp(route.offer.created, UTC).isoformat().replace("+00:00", "Z")


def _details(route: Route) -> dict[str, Any]:
    family = "bert" if route.type == "text-embeddings-inference" else "parley"
    return {
        "parent_model": "",
        "format": "gguf",
        "family": family,
        "families": [family],
        "parameter_size": "",
        "quantization_level": "",
    }
