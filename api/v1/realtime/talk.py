"""One realtime connection: what the client says -> sound of a live meeting, and changes of the session."""

import asyncio
import base64
import binascii
from contextlib import AsyncExitStack, ExitStack
from typing import Any
from uuid import uuid4

import anyio
import anyio.abc
import msgspec

from api.caller import Caller
from api.live.line import AnySocket, Gone, Line, first_of
from api.live.refusals import Silent, Stopping, Stuck, ending
from api.v1.errors import told
from api.v1.realtime.setup import Setup, Setups
from api.v1.realtime.shapes import session_of
from api.v1.realtime.told import Events
from pipeline.engine_pool import EnginePool
from pipeline.gateway.errors import BadBody, GatewayError
from pipeline.live.realtime import Dictation, NothingToCommit
from pipeline.live.registry import LiveMeetings
from pipeline.live.session import LiveSession
from pipeline.live.track import LiveTrack

LARGEST_FRAME = 21 * 2**20
"""Bytes: 15 MiB of sound in base64, as OpenAI takes them, and what is around them."""
TRACK = "0"


class ClientEvent(msgspec.Struct):
    """What a client says."""

    type: str
    """What is to be done."""
    event_id: str | None = None
    """Name of the event; errors name it."""
    audio: str | None = None
    """Sound in base64."""
    session: Any = None
    """What the session is to do."""


class Talk:
    """Serves a connection to its end. The meeting begins with the first sound, and ends with the connection."""

    def __init__(self, socket: AnySocket, live: LiveMeetings, pool: EnginePool, setups: Setups, caller: Caller) -> None:
        self._socket, self._live, self._pool, self._setups, self._caller = socket, live, pool, setups, caller
        self._line = Line(socket, live.limits.stuck_seconds)
        self._events = Events(self._line)
        self._id = f"sess_{uuid4().hex[:20]}"
        self.setup: Setup | None = None
        """What the session does; None where it never came to that."""
        self._session: LiveSession | None = None
        self._track: LiveTrack | None = None
        self._dictation: Dictation | None = None

    async def run(self, model: str | None, settings: Any, closing: asyncio.Event, *, is_beta: bool) -> None:
        """Serve until the client goes. `settings` are those of its client secret."""
        self._events.is_beta = is_beta
        try:
            try:
                await self._serve(model, settings, closing)
            except BaseExceptionGroup as group:
                raise first_of(group) from None
            finally:
                if self._session is not None:
                    self._session.stop()
        except (Gone, Stuck):
            await self._line.end()
        except GatewayError as error:
            said = told(error)
            await self._last_words(said.message, said.code, said.param)
            await self._line.end()
        except Exception as error:  # noqa: BLE001 - mapped to what the client is told; what is unknown is logged
            why = ending(error)
            await self._last_words(why.message, why.code)
            await self._line.end(why)

    async def _last_words(self, message: str, code: str, param: str | None = None) -> None:
        try:
            await self._events.error(message, code, param)
        except (Gone, Stuck):
            return

    async def _serve(self, model: str | None, settings: Any, closing: asyncio.Event) -> None:
        setup = await self._setups.first(model)
        if settings is not None:
            setup = await self._setups.changed(setup, session_of(settings, is_beta=False))
        self._apply(setup)
        async with AsyncExitStack() as ends, anyio.create_task_group() as tasks:
            waiting = ends.enter_context(ExitStack())
            waiting.enter_context(self._live.places.waiting())
            tasks.start_soon(_stop, closing)
            prefix = "transcription_session" if self._events.is_beta else "session"
            await self._tell_session(f"{prefix}.created", is_beta=self._events.is_beta)
            while True:
                event = await self._next()
                if event is None:
                    continue
                try:
                    if event.type == "input_audio_buffer.append" and self._track is None:
                        await self._begin(ends, tasks)
                        waiting.close()
                    await self._do(event)
                except (GatewayError, NothingToCommit) as error:
                    await self._refuse(error, event)

    async def _next(self) -> ClientEvent | None:
        """Return what the client says next; None for what makes no sense, which it is told."""
        with anyio.move_on_after(self._live.limits.abandoned_seconds):
            frame = await self._line.receive(LARGEST_FRAME)
            try:
                return msgspec.json.decode(frame, type=ClientEvent)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                why = "it is nested too deeply" if isinstance(error, RecursionError) else error
                await self._events.error(f"This is no event: {why}.", "invalid_json")
                return None
        raise Silent(f"Nothing was said for {self._live.limits.abandoned_seconds:.0f} s. Connect again.")

    async def _refuse(self, error: GatewayError | NothingToCommit, event: ClientEvent) -> None:
        if isinstance(error, NothingToCommit):
            await self._events.error(str(error), "input_audio_buffer_commit_empty", None, event.event_id)
            return
        said = told(error)
        await self._events.error(said.message, said.code, said.param, event.event_id)

    async def _do(self, event: ClientEvent) -> None:
        match event.type:
            case "input_audio_buffer.append":
                await self._append(event)
            case "input_audio_buffer.commit":
                await self._commit()
            case "input_audio_buffer.clear":
                if self._dictation is not None:
                    await self._dictation.clear()
                await self._events.tell("input_audio_buffer.cleared")
            case "session.update" | "transcription_session.update":
                await self._update(event)
            case _:
                raise BadBody(f"An event {event.type[:60]!r} means nothing in a transcription session.", "type")

    async def _begin(self, ends: AsyncExitStack, tasks: anyio.abc.TaskGroup) -> None:
        """Begin the meeting."""
        setup = self.setup
        assert setup is not None
        session = await self._live.begin(self._caller.owner, "realtime", None, setup.options)
        self._session = session
        await ends.enter_async_context(self._live.sending(session))
        self._track = await session.join(TRACK, setup.raw, self)
        self._dictation = Dictation(session, TRACK, self._pool, setup.options, self._events)
        self._apply(setup)
        tasks.start_soon(self._dictation.run)

    async def _append(self, event: ClientEvent) -> None:
        assert self._track is not None
        try:
            sound = base64.b64decode(event.audio or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadBody(f"The sound is not base64: {error}.", "audio") from error
        await self._track.take(self, sound)

    async def _commit(self) -> None:
        if self._dictation is None:
            raise NothingToCommit("No sound came yet. Append some first.")
        await self._dictation.commit()

    async def _update(self, event: ClientEvent) -> None:
        is_beta = event.type.startswith("transcription_session")
        assert self.setup is not None
        setup = await self._setups.changed(self.setup, session_of(event.session, is_beta=is_beta))
        if self._track is not None and setup.raw != self.setup.raw:
            where = "session.input_audio_format" if is_beta else "session.audio.input.format"
            raise BadBody("The format of the sound cannot change once some came. Connect again.", where)
        self._apply(setup)
        await self._tell_session(f"{event.type}d", is_beta=is_beta)

    def _apply(self, setup: Setup) -> None:
        """Let a setup count from now on."""
        self.setup = setup
        self._events.tells_logprobs = setup.logprobs
        dictation = self._dictation
        if dictation is None:
            return
        dictation.options, dictation.tells_speakers = setup.options, setup.tells_speakers
        detection = setup.turns.detection if setup.turns is not None else None
        if dictation.detection != detection:
            dictation.detection = detection
            dictation.restart()

    async def _tell_session(self, name: str, *, is_beta: bool) -> None:
        assert self.setup is not None
        await self._events.tell(name, session=self.setup.told(self._id, is_beta=is_beta))


async def _stop(closing: asyncio.Event) -> None:
    await closing.wait()
    raise Stopping("The server stops. Connect again.")
