"""One WebRTC connection: what a participant says and shows -> tracks of a live meeting, captions back to them."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import numpy as np
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from pipeline.events import slide_event
from pipeline.follow import follow
from pipeline.live.keyframes import Keyframes
from pipeline.live.limits import NotLive, TooManyStreams
from pipeline.live.rtp_sound import Placed, RtpSound, SoundFrame
from pipeline.live.session import LiveSession
from pipeline.live.track import LiveTrack, TakenOver
from pipeline.slides import Slide
from stages.resample_pcm import RawFormat
from storage.records import DatabaseAway
from storage.store import StoreError

if TYPE_CHECKING:
    from aiortc import MediaStreamTrack, RTCDataChannel, RTCPeerConnection

log = logging.getLogger(__name__)

CONNECT_SECONDS = 30.0
"""A connection that is not there after this is given up."""
LAST_SECONDS = 2.0
"""When a connection ends, what came of it is put into the meeting within this."""
LINE = 3000
"""Frames of 20 ms that may wait for a store that is away; what comes then leaves a gap."""
FULL = 1 << 20
"""Bytes that may wait on a data channel; a client that takes nothing is told nothing more."""
WIDTH = 2


class BadOffer(ValueError):
    """The offer of a connection cannot be answered."""


class Publication:
    """Lives as long as its connection. Answer an offer with `answer`, give it a `session`, then `run`."""

    session: LiveSession
    """The meeting that hears it: there is none before the offer is answered."""

    def __init__(self, id: str, name: str | None, peer: "RTCPeerConnection") -> None:
        self.id = id
        self.name = name
        """What the participant is called; None if that is not known."""
        self.tracks: list[str] = []
        """Tracks of the meeting that come from here."""
        self._peer = peer
        self._over = asyncio.Event()
        self._connected = asyncio.Event()
        self._media: list[MediaStreamTrack] = []
        self._work: set[asyncio.Task[None]] = set()
        self._told: set[asyncio.Task[None]] = set()

    async def answer(self, offer: str) -> str:
        """Return the SDP answer to an offer.

        Raises:
            BadOffer: it is none, or has nothing to hear or see.
        """
        from aiortc import RTCSessionDescription

        self._peer.on("track", self._media.append)
        self._peer.on("datachannel", self._tell_captions)
        self._peer.on("connectionstatechange", self._state)
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            if not self._media:
                raise BadOffer("The offer has neither sound nor pictures to send. Add a track that sends.")
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except BadOffer:
            raise
        except Exception as error:  # what a library says of a foreign text is of many kinds
            raise BadOffer(f"The offer cannot be answered: {error or type(error).__name__}.") from error
        return str(self._peer.localDescription.sdp)

    async def run(self) -> None:
        """Hear until the connection ends."""
        try:
            for media in self._media:
                self._start(partial(self._sound if media.kind == "audio" else self._pictures, media), self._work)
            with anyio.move_on_after(CONNECT_SECONDS):
                await self._either(self._connected, self._over)
            if self._connected.is_set():
                await self._over.wait()
        finally:
            with anyio.CancelScope(shield=True):
                await self.close()

    async def close(self) -> None:
        """Let go of the connection; what came of it is put into the meeting."""
        await self._peer.close()
        if self._work:
            await asyncio.wait(self._work, timeout=LAST_SECONDS)
        left = [*self._work, *self._told]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def end(self) -> None:
        """End the connection."""
        self._over.set()

    def _state(self) -> None:
        if self._peer.connectionState == "connected":
            self._connected.set()
        elif self._peer.connectionState in ("failed", "closed"):
            self._over.set()

    async def _either(self, *events: asyncio.Event) -> None:
        tasks = [asyncio.create_task(event.wait()) for event in events]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def _start(self, work: Callable[[], Awaitable[None]], among: "set[asyncio.Task[None]]") -> None:
        async def logged() -> None:
            try:
                await work()
            except Exception:
                log.exception("A WebRTC connection broke.")
                self.end()

        task = asyncio.create_task(logged(), name=f"webrtc {self.id}")
        among.add(task)
        task.add_done_callback(among.discard)

    async def _sound(self, media: "MediaStreamTrack") -> None:
        """Put a track of sound into the meeting. aiortc's own queue has no end: it is emptied at once."""
        send, frames = anyio.create_memory_object_stream[SoundFrame](LINE)
        with frames:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._pump, media, send)
                try:
                    await self._hear(frames)
                except (NotLive, TakenOver, TooManyStreams) as error:
                    log.info("A WebRTC track ends: %s", error)
                    self.end()
                tasks.cancel_scope.cancel()

    async def _hear(self, frames: MemoryObjectReceiveStream[SoundFrame]) -> None:
        track: LiveTrack | None = None
        sound = RtpSound(0)
        try:
            async for frame in frames:
                if track is None:
                    track = await self._join()
                    sound = RtpSound(track.journal.end // WIDTH)
                await self._put(track, sound.take(frame))
            if track is not None:
                await self._put(track, sound.finish())
        finally:
            if track is not None:
                track.release(self)

    async def _pump(self, media: "MediaStreamTrack", send: MemoryObjectSendStream[SoundFrame]) -> None:
        with send:
            async for frame in _frames(media):
                made = _sound_frame(frame)
                if made is not None:
                    with suppress(anyio.WouldBlock):
                        send.send_nowait(made)

    async def _join(self) -> LiveTrack:
        name = str(next(n for n in range(1000) if str(n) not in self.session.tracks))
        self.tracks.append(name)
        return await self.session.join(name, RawFormat(), self)

    async def _put(self, track: LiveTrack, made: list[Placed]) -> None:
        for placed in made:
            await track.forward(self, placed.place * WIDTH, placed.samples.astype("<i2").tobytes())

    async def _pictures(self, media: "MediaStreamTrack") -> None:
        session = self.session
        kept = Keyframes(session.store, session.row.id, self.tracks[0] if self.tracks else "0", self._tell_slide)
        try:
            async for frame in _frames(media):
                with suppress(StoreError):
                    await kept.look(frame, session.recording.duration)
        finally:
            with anyio.CancelScope(shield=True), suppress(StoreError):
                await kept.end(session.recording.duration)

    async def _tell_slide(self, slide: Slide) -> None:
        session = self.session
        with suppress(DatabaseAway):
            await session.records.add_events(session.row.id, [slide_event(slide)], session.attempt)

    def _tell_captions(self, channel: "RTCDataChannel") -> None:
        self._start(partial(self._captions, channel), self._told)

    async def _captions(self, channel: "RTCDataChannel") -> None:
        """Send every event of the meeting as it goes over WebSockets too; hypotheses only to who keeps up."""
        async with aclosing(follow(self.session.records, self.session.row.id)) as events:
            async for event in events:
                if channel.readyState != "open" or channel.bufferedAmount > FULL:
                    return
                if event.number:
                    channel.send((b'{"seq":%d,%b' % (event.number, event.data[1:])).decode())
                elif channel.bufferedAmount < FULL // 16:
                    channel.send(event.data.decode())


async def _frames(media: "MediaStreamTrack") -> AsyncIterator[Any]:
    from aiortc.mediastreams import MediaStreamError

    with suppress(MediaStreamError):
        while True:
            yield await media.recv()


def _sound_frame(frame: Any) -> SoundFrame | None:
    """Return a frame of sound, mixed to one channel; None for one that says nothing of its time."""
    if frame.pts is None or frame.time_base is None:
        return None
    channels = len(frame.layout.channels)
    samples = frame.to_ndarray().reshape(-1, channels)
    mono = samples.astype(np.int32).mean(axis=1).astype(np.int16) if channels > 1 else samples[:, 0].astype(np.int16)
    return SoundFrame(float(frame.pts * frame.time_base), time.monotonic(), frame.sample_rate, mono)
