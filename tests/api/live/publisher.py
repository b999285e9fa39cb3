"""A participant that publishes over WHIP, made of aiortc."""

import asyncio
import time
from fractions import Fraction
from types import TracebackType
from typing import Self

import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

RATE, FRAME = 48_000, 960


class Microphone(MediaStreamTrack):
    """Says samples at 48 kHz, at the pace of the clock, then is silent."""

    kind = "audio"

    def __init__(self, sound: NDArray[np.int16]) -> None:
        super().__init__()
        self.over = asyncio.Event()
        self._sound, self._at, self._began = sound, 0, 0.0

    async def recv(self) -> AudioFrame:
        self._began = self._began or time.monotonic()
        await asyncio.sleep(max(0.0, self._began + self._at / RATE - time.monotonic()))
        said = self._sound[self._at : self._at + FRAME]
        if len(said) < FRAME:
            self.over.set()
        frame = AudioFrame.from_ndarray(np.pad(said, (0, FRAME - len(said)))[None], "s16", "mono")
        frame.pts, frame.sample_rate, frame.time_base = self._at, RATE, Fraction(1, RATE)
        self._at += FRAME
        return frame


class Screen(MediaStreamTrack):
    """Shows lines of text on the left for a while, then others on the right."""

    kind = "video"

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._at, self._change = 0, round(seconds * 5)

    async def recv(self) -> VideoFrame:
        await asyncio.sleep(0.2)
        picture = np.full((240, 320, 3), 240, np.uint8)
        first, last = (35, 155) if self._at < self._change else (165, 285)
        for line in range(40, 200, 17):
            picture[line : line + 8, first:last] = 20
        frame = VideoFrame.from_ndarray(picture, "rgb24")
        frame.pts, frame.time_base = self._at * 18_000, Fraction(1, 90_000)
        self._at += 1
        return frame


class Publisher:
    """Use as `async with`."""

    def __init__(self, client: httpx.AsyncClient, *tracks: MediaStreamTrack, **query: str) -> None:
        self._client, self._query = client, query
        self._peer = RTCPeerConnection()
        self.captions: list[str] = []
        self.channel: RTCDataChannel = self._peer.createDataChannel("captions")
        self.channel.on("message", self.captions.append)
        for track in tracks:
            self._peer.addTransceiver(track, direction="sendonly")
        self.answer: httpx.Response

    @property
    def meeting(self) -> str:
        return self.answer.headers["x-meeting"]

    async def __aenter__(self) -> Self:
        await self._peer.setLocalDescription(await self._peer.createOffer())
        self.answer = await self._client.post(
            "/api/whip",
            content=self._peer.localDescription.sdp,
            headers={"Content-Type": "application/sdp"},
            params=self._query,
        )
        if self.answer.status_code != 201:
            await self._peer.close()
        assert self.answer.status_code == 201, self.answer.text
        await self._peer.setRemoteDescription(RTCSessionDescription(self.answer.text, "answer"))
        return self

    async def leave(self) -> httpx.Response:
        return await self._client.delete(self.answer.headers["location"])

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._peer.close()
