"""All WebRTC connections of this node: who begins one, and how they end."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Sequence
from typing import Any, Self

import msgspec

from pipeline.live.limits import NotLive, TooManyStreams
from pipeline.live.publication import Publication
from pipeline.live.registry import LiveMeetings
from pipeline.live.session import LiveSession
from pipeline.options import Options
from stages.speech import Gap, Span, SpeakerTurn
from storage.records import DatabaseAway, NoRecord, Records
from storage.rows import Source

log = logging.getLogger(__name__)

SOURCE: Source = "webrtc"
MOST_CONNECTIONS = 64
"""Connections of this node at once."""


class IceServer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server that helps connections through firewalls: a table [[webrtc.ice_servers]]."""

    url: str
    """stun:host:port, turn:host:port or turns:host:port."""
    username: str | None = None
    """None for a STUN server."""
    credential: str | None = None
    """None for a STUN server."""


class WebrtcSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """WebRTC: the table [webrtc]."""

    ice_servers: tuple[IceServer, ...] = ()
    """What the server and its clients use; none are needed where both reach each other."""
    turn_url: str = ""
    """One more of them, for variables of the environment: turn:host:port; empty for none."""
    turn_username: str | None = None
    """Who the server and its clients are there."""
    turn_credential: str | None = None
    """The password there; every client is told."""

    @property
    def servers(self) -> tuple[IceServer, ...]:
        """All of them."""
        if not self.turn_url:
            return self.ice_servers
        turn = IceServer(url=self.turn_url, username=self.turn_username, credential=self.turn_credential)
        return (*self.ice_servers, turn)


class NoPublication(Exception):
    """There is no such connection."""


class Publications:
    """Use as `async with`: at the end all connections are closed, and their meetings stay open."""

    def __init__(self, live: LiveMeetings, records: Records, settings: WebrtcSettings | None = None) -> None:
        self.settings = settings or WebrtcSettings()
        """As configured."""
        self._live, self._records = live, records
        self._known: dict[str, tuple[Publication, str]] = {}
        self._gone: dict[str, tuple[Publication, str]] = {}
        """The last ones that went without a word: their meetings wait for them, or for the end of the session."""
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for publication, _owner in list(self._known.values()):
            publication.end()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def begin(self, owner: str, offer: str, meeting: str | None, name: str | None) -> tuple[Publication, str]:
        """Answer an offer: the sound goes into a meeting, or begins one. Returns the connection and its SDP answer.

        Raises:
            BadOffer: the offer cannot be answered.
            TooManyStreams: there are as many connections or meetings as allowed.
            NotLive: the meeting is over, or is none of participants with tracks of their own.
            NoRecord: there is no such meeting.
        """
        if len(self._known) >= MOST_CONNECTIONS:
            raise TooManyStreams(f"{MOST_CONNECTIONS} connections are open, as many as allowed. Try again later.")
        found = None if meeting is None else await self._found(owner, meeting)
        publication = Publication(secrets.token_urlsafe(18), name, self._peer())
        try:
            answer = await publication.answer(offer)
            session = found or await self._live.begin(owner, SOURCE, None, Options(tracks="channels"))
        except BaseException:
            await publication.close()
            raise
        publication.session = session
        self._known[publication.id] = (publication, owner)
        self._tasks[publication.id] = asyncio.create_task(self._serve(publication), name=f"whip {publication.id}")
        return publication, answer

    async def end(self, id: str, owner: str) -> None:
        """End a connection, also one that is gone already; the last one ends its meeting. Raises `NoPublication`."""
        found = self._known.get(id) or self._gone.get(id)
        if found is None or found[1] != owner:
            raise NoPublication("There is no such connection, or not any more.")
        publication, session = found[0], found[0].session
        publication.end()
        if id in self._tasks:
            await asyncio.gather(self._tasks[id], return_exceptions=True)
        self._gone.pop(id, None)
        if not self.of(session.row.id):
            session.stop()

    def of(self, meeting: str) -> Sequence[Publication]:
        """Return the connections of a meeting."""
        return [publication for publication, _ in self._known.values() if publication.session.row.id == meeting]

    async def _found(self, owner: str, meeting: str) -> LiveSession:
        session = await self._live.find(meeting, owner)
        if session.row.source != SOURCE:
            raise NotLive("This meeting does not take WebRTC connections: begin one without `meeting`.")
        return session

    def _peer(self) -> Any:
        from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection

        servers = [RTCIceServer(each.url, each.username, each.credential) for each in self.settings.servers]
        return RTCPeerConnection(RTCConfiguration(servers))

    async def _serve(self, publication: Publication) -> None:
        naming = asyncio.create_task(self._name(publication), name=f"name {publication.id}")
        try:
            async with self._live.sending(publication.session):
                await publication.run()
        finally:
            naming.cancel()
            await asyncio.gather(naming, return_exceptions=True)
            del self._tasks[publication.id]
            while len(self._gone) >= MOST_CONNECTIONS:
                del self._gone[next(iter(self._gone))]
            self._gone[publication.id] = self._known.pop(publication.id)

    async def _name(self, publication: Publication) -> None:
        """Call the speaker of a participant's track by the participant's name, once their label is known."""
        if not publication.name:
            return
        labels = _Labels(publication)
        also = publication.session.also
        also.observers = (*also.observers, labels)
        await labels.known.wait()
        meeting = publication.session.row.id
        with contextlib.suppress(DatabaseAway, NoRecord):
            if labels.label not in (await self._records.overlays(meeting)).names:
                await self._records.set_name(meeting, labels.label, " ".join(publication.name.split())[:80])


class _Labels:
    """An `Observer` that finds out which label a participant's track has."""

    def __init__(self, publication: Publication) -> None:
        self.label = ""
        self.known = asyncio.Event()
        self._publication = publication

    async def item(self, stage: str, item: Span) -> None:
        if isinstance(item, SpeakerTurn) and not self.label and item.track in self._publication.tracks:
            self.label = item.speaker
            self.known.set()

    async def ended(self, stage: str) -> None:
        """Nothing."""

    async def failed(self, stage: str, gap: Gap) -> None:
        """Nothing."""
