"""The routes of /v1/realtime, for an application to take in: `realtime_routes(...)`."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import WebSocket, websocket
from litestar.handlers import ASGIRouteHandler, WebsocketRouteHandler
from msgspec import Meta

from api.caller import LOCAL_ADMIN, Caller
from api.doors.client_secrets import ClientSecrets
from api.doors.knock import SHOWN_SECRET
from api.goodbye import Goodbye
from api.live.line import AnySocket
from api.v1.audio.ears import Ears
from api.v1.endpoint import Door, PostApp, from_scope
from api.v1.exchange import Exchange
from api.v1.mounted import mounted
from api.v1.realtime.setup import Setups
from api.v1.realtime.shapes import session_of
from api.v1.realtime.talk import Talk
from pipeline.engine_pool import EnginePool
from pipeline.gateway.body import decoded
from pipeline.gateway.record import Record
from pipeline.gateway.switchboard import Switchboard
from pipeline.live.registry import LiveMeetings

PATH = "/v1/realtime"
PROTOCOL = "realtime"
"""Sub-protocol that browsers offer beside the one with the key."""
SWITCHED = 101
"""What the audit says of a connection that was one."""


class ExpiresAfter(msgspec.Struct):
    """How long a secret lasts."""

    anchor: Literal["created_at"] = "created_at"
    """From when."""
    seconds: Annotated[int, Meta(ge=10, le=7200)] = 600
    """So long."""


class SecretAsked(msgspec.Struct):
    """What is asked of a client secret."""

    expires_after: ExpiresAfter = msgspec.field(default_factory=ExpiresAfter)
    """How long it lasts."""
    session: dict[str, Any] = msgspec.field(default_factory=dict)
    """What sessions begin with."""


class SecretsApp(PostApp):
    """POST /v1/realtime/client_secrets."""

    def __init__(self, board: Switchboard, setups: Setups, secrets: ClientSecrets, door: Door = from_scope) -> None:
        super().__init__(board, door=door)
        self._setups, self._secrets = setups, secrets

    async def _answer(self, exchange: Exchange) -> None:
        asked = decoded(await exchange.body(self._board.settings.largest_body), SecretAsked)
        setup = await self._setups.changed(await self._setups.first(None), session_of(asked.session, is_beta=False))
        made = await self._secrets.make(exchange.caller or LOCAL_ADMIN, asked.expires_after.seconds, asked.session)
        session = setup.told(f"sess_{made.value[-20:-10]}", is_beta=False) | {"expires_at": made.expires_at}
        said = {"value": made.value, "expires_at": made.expires_at, "session": session}
        await exchange.answer(200, msgspec.json.encode(said))


def realtime_routes(
    board: Switchboard,
    ears: Ears,
    live: LiveMeetings,
    pool: EnginePool,
    secrets: ClientSecrets,
    closing: Goodbye,
    door: Door = from_scope,
) -> Sequence[ASGIRouteHandler | WebsocketRouteHandler]:
    """Return the routes."""
    setups = Setups(board, ears)

    @websocket(PATH, opt={"door": "user"})
    async def realtime(socket: WebSocket) -> None:  # type: ignore[type-arg]
        """Transcribe what is said, as OpenAI's realtime clients say it."""
        caller = door(socket.scope) or LOCAL_ADMIN
        await socket.accept(subprotocols=PROTOCOL if PROTOCOL in (socket.scope["subprotocols"] or ()) else None)
        await _talk(socket, Talk(socket, live, pool, setups, caller), caller)

    async def _talk(socket: AnySocket, talk: Talk, caller: Caller) -> None:
        record = Record(path=PATH, caller=caller, stream=True, status=SWITCHED)
        query = socket.query_params
        settings = secrets.settings(socket.scope.get(SHOWN_SECRET))  # type: ignore[arg-type]
        is_beta = "realtime=v1" in socket.headers.get("openai-beta", "")
        try:
            with closing.held():
                await talk.run(query.get("model"), settings, closing, is_beta=is_beta)
        finally:
            if talk.setup is not None:
                record.model, record.provider = talk.setup.route, ears.name
            board.finish(record)

    return [mounted(SecretsApp(board, setups, secrets, door), f"{PATH}/client_secrets"), realtime]
