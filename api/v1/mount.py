"""The gateway's routes, for an application to take in: `routes(board, store)`, `serve_embedded` and `serve_chat`."""

import logging
from collections.abc import Sequence

from litestar.handlers import ASGIRouteHandler

from api.ollama.mount import routes as ollama_routes
from api.v1.chat import chat, completions
from api.v1.embedded import RERANK, Embedded
from api.v1.embeddings import embeddings
from api.v1.endpoint import Door, Endpoint, EndpointApp, from_scope
from api.v1.images import images
from api.v1.models import Models
from api.v1.mounted import mounted
from api.v1.rerank import rerank, rerank_tei, scores
from api.v1.responses import responses
from api.v1.usage import UsageApp
from pipeline.engine_pool import EnginePool, UnknownEngine
from pipeline.gateway.chat_engine import ChatTarget
from pipeline.gateway.switchboard import Switchboard
from pipeline.gateway.target import Member
from pipeline.gateway.usage import UsageStore
from pipeline.gateway.vectors import VectorEngine
from stages.engine_errors import EngineError

LOG = logging.getLogger("parley.gateway")
POSTS: Sequence[tuple[Endpoint, Sequence[str]]] = (
    (chat, ("/v1/chat/completions",)),
    (completions, ("/v1/completions",)),
    (responses, ("/v1/responses",)),
    (embeddings, ("/v1/embeddings",)),
    (images, ("/v1/images/generations",)),
    (rerank, ("/v1/rerank", "/v2/rerank")),
    (rerank_tei, ("/rerank",)),
    (scores, ("/score", "/v1/score")),
)


def routes(board: Switchboard, store: UsageStore, door: Door = from_scope) -> Sequence[ASGIRouteHandler]:
    """Return all routes of the gateway; `board.running()` must be open while they are used."""
    return [
        *(mounted(EndpointApp(endpoint, board, door=door), *paths) for endpoint, paths in POSTS),
        mounted(Models(board, door=door), "/v1/models", is_root=True),
        mounted(UsageApp(board, store, door), "/v1/usage"),
        *ollama_routes(board, door),
    ]


def serve_embedded(board: Switchboard, pool: EnginePool) -> None:
    """Serve what the embedded engine of vectors can do; without it the rest is served."""
    engine = Embedded(VectorEngine(pool))
    try:
        offers = engine.served()
    except (EngineError, UnknownEngine) as error:
        LOG.warning("Nothing here turns texts into vectors: %s", error)
        return
    for offer in offers:
        aliases = ("minilm",) if offer.id != RERANK else ()
        board.directory.add(offer, Member(engine, offer.id), aliases)


def serve_chat(board: Switchboard, pool: EnginePool) -> None:
    """Serve the configured engine that writes text, if there is one."""
    if not pool.has("chat"):
        return
    try:
        target = ChatTarget(pool.host("chat"))
    except (EngineError, UnknownEngine) as error:
        LOG.warning("The configured engine for chats cannot be made: %s", error)
        return
    offer = target.offer()
    board.directory.add(offer, Member(target, offer.id))
