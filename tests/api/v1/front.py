"""A gateway that listens on a real port, with a door that knows keys by heart."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar

from api.caller import LOCAL_ADMIN, Caller
from api.listen import free_place, listening
from api.v1.mount import routes, serve_embedded
from pipeline.engine_pool import EnginePool
from pipeline.gateway.providers import Gateway, Model, Provider
from pipeline.gateway.switchboard import FRESH_SECONDS, Switchboard
from storage.database.database import Database, open_database


class Front(msgspec.Struct, frozen=True):
    """A gateway that listens."""

    url: str
    """Its address, without /v1."""
    board: Switchboard
    """What it is made of."""
    records: Database
    """Where usage is kept."""
    keys: dict[str, Caller]
    """Who is let in with which key; anybody while there is none."""


@asynccontextmanager
async def front(
    folder: Path,
    providers: Sequence[Provider] = (),
    models: Mapping[str, Model] | None = None,
    *,
    pool: EnginePool | None = None,
    settings: Gateway | None = None,
    fresh_seconds: float = FRESH_SECONDS,
) -> AsyncIterator[Front]:
    """Start a gateway with a database in a folder; with a pool, its engines are served too."""
    async with AsyncExitStack() as ends:
        records = open_database(f"sqlite:///{folder}/parley.db")
        ends.push_async_callback(records.close)
        await records.migrate()
        board = Switchboard(providers, models or {}, records, settings, fresh_seconds)
        if pool is not None:
            serve_embedded(board, pool)
        keys: dict[str, Caller] = {}

        def door(scope: Any) -> Caller | None:
            shown = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
            return keys.get(shown) if keys else LOCAL_ADMIN

        app = Litestar(route_handlers=[*routes(board, records, door)], openapi_config=None, logging_config=None)
        await ends.enter_async_context(board.running())
        if board.targets():
            await board.look()
        host, port = free_place("127.0.0.1", 0)
        await ends.enter_async_context(listening(app, host, port, asyncio.Event()))
        yield Front(f"http://{host}:{port}", board, records, keys)
