"""The routes of /v1/audio, for an application to take in: `audio_routes(...)`; `serve_speech(...)` names the models.

A recording goes onto the disk while it arrives, and from there to whoever serves its model: an engine here, which is
asked as all providers are, or a provider, which is sent the form as it came.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from litestar.handlers import ASGIRouteHandler

from api.unread import UNREAD
from api.v1.audio.ears import TRANSCRIPTIONS, TRANSLATIONS, Ears, offer_of
from api.v1.audio.sent import received
from api.v1.endpoint import Door, PostApp, Request, from_scope
from api.v1.exchange import Exchange, Receive, Scope, Send
from api.v1.mounted import mounted
from api.v1.relay import relay
from pipeline.engine_pool import UnknownEngine
from pipeline.gateway.errors import BadBody, GatewayError
from pipeline.gateway.providers import ModelType
from pipeline.gateway.route import Route
from pipeline.gateway.switchboard import Switchboard
from pipeline.gateway.target import Body, Member
from stages.engine_errors import EngineError

LOG = logging.getLogger("parley.api")
SPEECH: ModelType = "automatic-speech-recognition"
WELL_KNOWN = (
    "whisper-1",
    "gpt-transcribe",
    "gpt-live-transcribe",
    "gpt-realtime-whisper",
    "gpt-4o-transcribe",
    "gpt-4o-mini-transcribe",
    "gpt-4o-transcribe-diarize",
)
"""Names that clients ask for unless they are told better; they mean the configured engine."""


class AudioApp(PostApp):
    """An ASGI application: POST, a form with a recording in, words out."""

    def __init__(
        self, board: Switchboard, ears: Ears, path: str, scratch: Path, largest: int, door: Door = from_scope
    ) -> None:
        super().__init__(board, door=door)
        self._ears, self._path, self._scratch, self._largest = ears, path, scratch, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and read what a refused client still sends."""
        await super().__call__(scope, receive, send)
        if (discard := scope.get(UNREAD)) is not None:
            await discard()

    async def _answer(self, exchange: Exchange) -> None:
        async with received(exchange.scope, exchange.receive, self._scratch, self._largest) as sent:
            model = sent.one("model")
            if model is None:
                raise BadBody("The field model is required.", "model")
            request = Request(exchange, b"", {}, self._board)
            route = request.admitted(await self._route(model))

            def ask(member: Member) -> tuple[str, Body]:
                return self._path, sent.called(member.model)

            async with request.call(route, ask, sent.form_type) as call:
                await relay(exchange, call, needs_done=False)

    async def _route(self, model: str) -> Route:
        """Return the model of a name; engines that came onto this machine since are found too."""
        try:
            return await self._board.find(model, SPEECH)
        except GatewayError:
            if not serve_speech(self._board, self._ears):
                raise
        return await self._board.find(model, SPEECH)


def serve_speech(board: Switchboard, ears: Ears) -> bool:
    """Serve the engines of speech that are on this machine; return whether there was a new one."""
    has_new = False
    try:
        hosts = ears.hosts()
    except (EngineError, UnknownEngine) as error:
        LOG.warning("Nothing here turns speech into text: %s", error)
        return False
    for number, (name, host) in enumerate(hosts.items()):
        offer, member = offer_of(host.card), Member(ears, name)
        known = board.directory.names().get(offer.id)
        if known is None or member not in known.members:
            board.directory.add(offer, member, (name, *WELL_KNOWN) if not number else (name,))
            has_new = True
    return has_new


def audio_routes(
    board: Switchboard, ears: Ears, scratch: Path, largest: int, door: Door = from_scope
) -> Sequence[ASGIRouteHandler]:
    """Return the routes. `largest` is how many bytes a recording may have."""
    return [
        mounted(AudioApp(board, ears, path, scratch, largest, door), path) for path in (TRANSCRIPTIONS, TRANSLATIONS)
    ]
