"""A connection that sends sound: from its first message to the end of the meeting, or of the connection."""

from contextlib import aclosing
from typing import Any

import anyio

from api.caller import Caller
from api.goodbye import Goodbye
from api.live.line import AnySocket, Gone, Line, first_of
from api.live.messages import Ping, Said, Start, Stop, said
from api.live.refusals import NotSound, Refused, Silent, Stopping, Stuck, ending
from pipeline.follow import follow
from pipeline.live.registry import LiveMeetings
from pipeline.live.session import LiveSession
from pipeline.live.track import LiveTrack, TakenOver
from pipeline.templates.shelf import Shelf
from stages.resample_pcm import RawFormat
from storage.records import Records

START_SECONDS = 10.0
"""The first message comes within this."""
BEAT_SECONDS = 15.0
"""Something is sent at least so often: proxies end silent connections, and a line that is dead is noticed."""
TRACK = "0"
"""Track of the one microphone that a connection sends."""


class _Over(Exception):
    """Everything is said."""


class Sending:
    """One WebSocket at /api/live."""

    def __init__(
        self, socket: AnySocket, live: LiveMeetings, records: Records, shelf: Shelf, caller: Caller, closing: Goodbye
    ) -> None:
        self._live, self._records, self._caller, self._closing = live, records, caller, closing
        self._shelf = shelf
        self._line = Line(socket, live.limits.stuck_seconds)
        self._acknowledged = anyio.Event()
        self._is_stopping = False

    async def run(self) -> None:
        """Serve the connection to its end."""
        try:
            try:
                with self._live.places.waiting():
                    start = await self._first()
                    session = await self._session(start)
                async with self._live.sending(session):
                    await self._send(session, start)
            except BaseExceptionGroup as group:
                raise first_of(group) from None
        except (Gone, _Over):
            await self._line.end()
        except Stuck:
            await self._line.end(None)
        except Exception as error:  # noqa: BLE001 - mapped to what the client is told; what is unknown is logged
            await self._line.end(ending(error))

    async def _first(self) -> Start:
        with anyio.move_on_after(START_SECONDS):
            frame = await self._line.receive()
            if isinstance(frame, bytes):
                raise NotSound('Say what comes before it comes: {"type": "start", ...} as text.')
            message = said(frame)
            if not isinstance(message, Start):
                raise Refused('The first message is {"type": "start", ...}.')
            return message
        raise Silent(f"Nothing was said for {START_SECONDS:.0f} s. Connect again.")

    async def _session(self, start: Start) -> LiveSession:
        owner = self._caller.owner
        try:
            self._check_hole(start, 0 if start.meeting is None else None)
            if start.meeting is not None:
                return await self._live.find(start.meeting, owner)
            if start.template is not None:
                await self._shelf.find(start.template)
            return await self._live.begin(owner, "websocket", start.title, start.options)
        except ValueError as error:
            if type(error) is ValueError:
                raise Refused(str(error)) from error
            raise

    async def _send(self, session: LiveSession, start: Start) -> None:
        track = await session.join(TRACK, start.live_format, self, fresh=start.new_stream)
        try:
            place = track.durable if start.first is None else start.first
            self._check_hole(start, track.journal.end // track.width)
            track.acknowledge = self._note
            await self._ready(session, track)
            async with anyio.create_task_group() as tasks:
                for work in (self._acknowledge, self._beat, self._watch):
                    tasks.start_soon(work, session, track)
                tasks.start_soon(self._tell, session, start.after)
                await self._listen(session, track, place * track.width)
        finally:
            track.release(self)

    def _check_hole(self, start: Start, came: int | None) -> None:
        """Refuse a place that is too far behind what came: so much silence is a mistake.

        Raises:
            Refused: it is.
            ValueError: samples of this rate are not taken.
        """
        live_format = start.live_format
        if start.first is None or came is None or not isinstance(live_format, RawFormat):
            return
        hole = (start.first - came) / live_format.rate
        if hole > self._live.limits.largest_hole_seconds:
            raise Refused(f"`first` lies {hole:.0f} s behind what came, too far for a hole. Begin a new meeting.")

    async def _ready(self, session: LiveSession, track: LiveTrack) -> None:
        told: dict[str, Any] = {"meeting": session.row.id, "lag": session.lag}
        if isinstance(track.format, RawFormat):
            told |= {"next_sample": track.durable, "sample_rate": track.format.rate}
        else:
            told |= {"next_byte": track.durable}
        await self._line.tell("ready", **told)

    async def _listen(self, session: LiveSession, track: LiveTrack, place: int) -> None:
        """Take frames until the client goes; sound of `place` in the journal comes next."""
        while True:
            frame = await self._next()
            if isinstance(frame, str):
                await self._obey(said(frame), session)
            elif frame and not self._is_stopping:
                await track.forward(self, place, frame)
                place += len(frame)

    async def _next(self) -> str | bytes:
        with anyio.move_on_after(None if self._is_stopping else self._live.limits.silent_seconds):
            return await self._line.receive()
        raise Silent("Neither sound nor a ping came for a while. Connect again with the id of the meeting, and go on.")

    async def _obey(self, message: Said, session: LiveSession) -> None:
        match message:
            case Stop():
                self._is_stopping = True
                session.stop()
            case Ping():
                await self._line.tell("pong", lag=session.lag)
            case Start():
                raise Refused("This connection has begun already. Open another one.")

    def _note(self, _: int) -> None:
        self._acknowledged.set()

    async def _acknowledge(self, session: LiveSession, track: LiveTrack) -> None:
        """Tell how far the store holds the sound, as often as the client takes it."""
        told = track.durable
        while True:
            await self._acknowledged.wait()
            self._acknowledged = anyio.Event()
            if track.durable > told:
                told = track.durable
                await self._line.tell("ack", **{_unit(track): told, "lag": session.lag})

    async def _beat(self, session: LiveSession, track: LiveTrack) -> None:
        while True:
            await anyio.sleep_until(self._line.told + BEAT_SECONDS)
            if anyio.current_time() >= self._line.told + BEAT_SECONDS:
                await self._line.tell("lag", lag=session.lag)

    async def _watch(self, session: LiveSession, track: LiveTrack) -> None:
        """End the connection when another one sends the track, when hearing breaks, and when the server stops."""
        async with anyio.create_task_group() as tasks:
            for waits, why in (
                (track.taken_over.wait, TakenOver("Another connection sends this meeting now.")),
                (self._closing.wait, Stopping("The server stops. Connect again with the id of the meeting.")),
                (session.ended.wait, None),
            ):
                tasks.start_soon(self._end_after, waits, why, session, track)

    async def _end_after(self, waits: Any, why: Exception | None, session: LiveSession, track: LiveTrack) -> None:
        await waits()
        if isinstance(why, Stopping):
            # What came is stored first, so that the client knows what it need not send again.
            with anyio.move_on_after(BEAT_SECONDS / 5):
                await track.journal.flush()
            await self._line.tell("ack", **{_unit(track): track.durable, "lag": session.lag})
        if why is not None:
            raise why
        if not session.is_stopping:
            raise Stopping("The meeting has to be taken up anew. Connect again with its id.")

    async def _tell(self, session: LiveSession, after: int) -> None:
        """Pass on the events of the meeting to its end: numbered ones wait for the client, others may be lost."""
        async with aclosing(follow(self._records, session.row.id, after)) as events:
            async for event in events:
                await self._line.pass_on(event)
        raise _Over


def _unit(track: LiveTrack) -> str:
    return "samples" if isinstance(track.format, RawFormat) else "bytes"
