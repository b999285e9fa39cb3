"""Bytes of one track, as a client sends them -> sound in the recording."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Literal, Protocol

import anyio
import numpy as np
from numpy.typing import NDArray

from pipeline.recording import Recording
from stages.media_errors import MediaError
from stages.resample import Decoder
from stages.resample_pcm import PcmResampler, RawFormat
from stages.speech import AudioChunk, seconds

Container = Literal["webm", "ogg"]


class Intake(Protocol):
    """Turns one track's bytes into sound."""

    async def take(self, data: bytes) -> None:
        """Take bytes that follow those before.

        Raises:
            MediaError: they are no sound of this format.
        """

    async def finish(self) -> None:
        """Take it that nothing more comes, and pass on what was held back."""

    def abandon(self) -> None:
        """Give back what is held, whatever is still to come."""


class PcmIntake:
    """Raw samples: they are in the recording when `take` returns."""

    def __init__(self, recording: Recording, track: str, raw: RawFormat, first: int = 0) -> None:
        """Begin at a sample of the meeting (16 kHz)."""
        self._recording, self._track = recording, track
        self._resampler = PcmResampler(raw)
        self._at = first

    async def take(self, data: bytes) -> None:
        """Add samples."""
        self._append(self._resampler.take(data))

    async def finish(self) -> None:
        """Add what the resampler held back."""
        self._append(self._resampler.finish())

    def abandon(self) -> None:
        """Do nothing: nothing is held."""

    def _append(self, made: NDArray[np.float32]) -> None:
        if len(made):
            end = self._at + len(made)
            self._recording.append(
                AudioChunk(start=seconds(self._at), end=seconds(end), track=self._track, samples=made)
            )
            self._at = end


class ContainerIntake:
    """webm or ogg with Opus: decoded in a child process while it arrives."""

    def __init__(self, recording: Recording, track: str, container: Container, first: int = 0) -> None:
        """Begin at a sample of the meeting (16 kHz)."""
        self._recording, self._track, self._first = recording, track, seconds(first)
        self._send, self._receive = anyio.create_memory_object_stream[bytes](16)
        self._decoder = Decoder(self._receive, stream_format="matroska" if container == "webm" else "ogg")
        self._over = anyio.Event()
        self._error: Exception | None = None

    async def decode(self) -> None:
        """Decode until the bytes end; belongs into a task of its own."""
        try:
            async with aclosing(self._decoder.chunks()) as chunks:
                async for chunk in chunks:
                    start, end = chunk.start + self._first, chunk.end + self._first
                    made = AudioChunk(start=start, end=end, track=self._track, samples=chunk.samples)
                    self._recording.append(made)
        except (MediaError, OSError) as error:
            self._error = error
        finally:
            self._receive.close()
            self._over.set()

    async def take(self, data: bytes) -> None:
        """Hand bytes to the decoder, waiting while it is busy.

        Raises:
            MediaError: they are no sound, or the stream has ended.
            NoRoom: the disk is full.
        """
        try:
            await self._send.send(data)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            await self._over.wait()
            raise self._error or MediaError("The stream ended before its bytes did. Begin a new one.") from None

    async def finish(self) -> None:
        """Wait until everything is decoded."""
        self._send.close()
        await self._over.wait()

    def abandon(self) -> None:
        """Close both ends of the stream."""
        self._send.close()
        self._receive.close()


async def feed(intake: Intake, parts: AsyncIterator[bytes]) -> None:
    """Feed an intake with what a journal holds."""
    async for part in parts:
        await intake.take(part)
