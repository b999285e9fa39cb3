"""Ollama's routes, for an application to take in."""

from collections.abc import Sequence

import msgspec
from litestar.handlers import ASGIRouteHandler

from api.ollama.chat import chat, generate
from api.ollama.embed import embed, embeddings
from api.ollama.listing import Listing, models, running, show, tags, version
from api.v1.endpoint import Door, EndpointApp
from api.v1.errors import Told
from api.v1.images import images
from api.v1.mounted import mounted
from pipeline.gateway.switchboard import Switchboard

POSTS = {
    "/api/chat": chat,
    "/api/generate": generate,
    "/api/embed": embed,
    "/api/embeddings": embeddings,
    "/api/images/generations": images,
}
GETS = {"/api/tags": tags, "/api/models": models, "/api/ps": running, "/api/version": version}


def as_ollama(said: Told) -> bytes:
    """Return an error as Ollama's clients read it."""
    return msgspec.json.encode({"error": said.message})


def routes(board: Switchboard, door: Door) -> Sequence[ASGIRouteHandler]:
    """Return all of them."""
    return [
        *(mounted(EndpointApp(each, board, as_ollama, door), path) for path, each in POSTS.items()),
        # It is a POST, but only reads.
        mounted(EndpointApp(show, board, as_ollama, door), "/api/show", need="read"),
        *(mounted(Listing(said, board, door), path) for path, said in GETS.items()),
    ]
