"""A recording of any kind -> 16 kHz mono chunks per track, decoded in a child process that can do nothing else."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages import decode_wire, media_errors
from stages.decode_process import Child
from stages.decode_wire import Block
from stages.media import Decoded, Limits, Media, Tracks
from stages.media_errors import Crashed, MediaError, NoSound, TooMuch
from stages.speech import MIXED, SAMPLE_RATE, AudioChunk, seconds

OFFLINE, LIVE = SAMPLE_RATE, SAMPLE_RATE // 10
"""Samples in a block: a second of a file; a tenth of a second of a stream, since somebody waits for its words."""

MISSING_SECONDS, MISSING_SHARE = 1.0, 0.001
"""A file that gives less than it claims by more than both of these ends early."""

StreamFormat = Literal["matroska", "ogg"]

ADVICE = {
    "NotMedia": "{name} cannot be read as sound or video: {seen}. Export it again, or convert it to WAV, MP3 or MP4.",
    "NoSound": "{name} has no sound in it ({seen}). Choose a recording with a sound track.",
    "Refused": "{name} is a {seen}: only a file that holds the sound itself is opened. Hand in that file.",
    "Crashed": "{name} made its decoder fail ({seen}). Convert it to WAV, MP3, M4A, Opus or MP4.",
    "TooMuch": "{name} takes more {seen} than is allowed. Hand in a shorter or simpler recording, or raise the limit.",
}


class Decoder:
    """Decodes one source, once. What is behind a file cannot harm this process: a child reads it, under limits.

    A chunk begins exactly where the one before it ended, or later where the file has a hole.
    """

    def __init__(
        self,
        source: Path | AsyncIterable[bytes],
        tracks: Tracks = "mixed",
        limits: Limits = Limits(),  # noqa: B008 - frozen
        stream_format: StreamFormat | None = None,
    ) -> None:
        self.source = source
        self.tracks = tracks
        self.limits = limits
        self.stream_format = stream_format
        self.name = source.name if isinstance(source, Path) else "The stream"
        self.media: Media | None = None
        """What the file says about itself; None until the first chunk is out."""
        self.report: Decoded | None = None
        """How it went; None until the last chunk is out."""
        self._ends: dict[str, int] = {}
        self._not_numbers = 0

    @property
    def expected(self) -> float | None:
        """Seconds that the file claims to last, where that is within the limits."""
        claim = self.media.duration if self.media else None
        return claim if claim is not None and claim <= self.limits.hours * 3600 else None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tracks, as far as the file says; none until the first chunk is out."""
        if self.media is None or self.tracks == "mixed":
            return (MIXED,) if self.media else ()
        return tuple(str(channel) for channel in range(self.media.sound[self.media.chosen].channels))

    async def chunks(self) -> AsyncGenerator[AudioChunk, None]:
        """Yield the sound, each track in time order; leaving early ends the child.

        Raises:
            MediaError: the source cannot be decoded, or not to its end; what came before is good.
            OSError: the file cannot be opened.
        """
        async with self._child(decode=True) as child:
            async for message in child.messages():
                if message.kind in (decode_wire.INT16, decode_wire.FLOAT):
                    for chunk in self._chunks(message):
                        yield chunk
                else:
                    self._note(message)

    async def probe(self) -> Media:
        """Return what the file says about itself, without decoding it.

        Raises:
            MediaError: the source cannot be decoded.
            OSError: the file cannot be opened.
        """
        async with self._child(decode=False) as child:
            async for message in child.messages():
                self._note(message)
        if self.media is None:
            raise Crashed(f"The decoder of {self.name} ended without a word. Try again.")
        return self.media

    def _child(self, decode: bool) -> Child:
        wish = decode_wire.Wish(
            mixed=self.tracks == "mixed",
            block=LIVE if self.stream_format else OFFLINE,
            stream_format=self.stream_format,
            decode=decode,
            pictures=False,
            tracks=self.limits.tracks,
            memory=self.limits.memory,
            cpu_seconds=0,
        )
        return Child(self.source, self.name, wish, self.limits)

    def _chunks(self, block: Block) -> Iterator[AudioChunk]:
        """Yield the sound of each track."""
        first = block.first
        samples = self._samples(block).reshape(-1, block.channels).T
        end = first + samples.shape[1]
        for number, channel in enumerate(samples):
            track = str(number)
            self._ends[track] = end
            if sum(self._ends.values()) > self.limits.hours * 3600 * SAMPLE_RATE:
                raise TooMuch(ADVICE["TooMuch"].format(name=self.name, seen=f"sound ({self.limits.hours:g} hours)"))
            yield AudioChunk(start=seconds(first), end=seconds(end), track=track, samples=np.ascontiguousarray(channel))

    def _samples(self, message: Block) -> NDArray[np.float32]:
        if message.kind == decode_wire.INT16:
            return np.frombuffer(message.data, "<i2").astype(np.float32) * np.float32(1 / 32768)
        samples: NDArray[np.float32] = np.frombuffer(message.data, "<f4")
        numbers = np.isfinite(samples)
        if not numbers.all():
            self._not_numbers += len(samples) - int(numbers.sum())
            samples = np.where(numbers, samples, np.float32(0))
        return samples.clip(-1, 1)

    def _note(self, message: Block) -> None:
        if message.kind == decode_wire.MEDIA:
            self.media = msgspec.json.decode(message.data, type=Media)
        elif message.kind == decode_wire.END:
            self.report = self._judge(msgspec.json.decode(message.data, type=_End))
        else:
            failed = msgspec.json.decode(message.data, type=_Failed)
            error: type[MediaError] = getattr(media_errors, failed.error)
            raise error(ADVICE[failed.error].format(name=self.name, seen=failed.seen))

    def _judge(self, end: "_End") -> Decoded:
        """Say what the reader should know about the state of the file."""
        got = max((seconds(last) for last in self._ends.values()), default=0.0)
        if not got and end.decoded:
            seen = "none of its sound can be decoded" if end.skipped or end.broken else "its sound track is empty"
            raise NoSound(ADVICE["NoSound"].format(name=self.name, seen=seen))
        said = []
        if end.claimed is not None and end.claimed - got > max(MISSING_SECONDS, MISSING_SHARE * end.claimed):
            said.append(f"The file ends early: it claims {end.claimed:.1f} s and {got:.1f} s could be read.")
        elif end.broken:
            said.append(f"The file breaks off: nothing after {got:.1f} s could be read.")
        if end.skipped:
            said.append(f"{end.skipped} damaged packets of sound were left out.")
        if self._not_numbers:
            said.append(f"{seconds(self._not_numbers):.3f} s hold no numbers and were taken for silence.")
        return Decoded(samples=dict(self._ends), damaged=" ".join(said) or None)


class _End(msgspec.Struct):
    """The child's last message."""

    decoded: bool
    claimed: float | None
    skipped: int
    broken: bool


class _Failed(msgspec.Struct):
    """The child's last message where it could not go on."""

    error: Literal["NotMedia", "NoSound", "Refused", "TooMuch", "Crashed"]
    seen: str


async def probe(source: Path, limits: Limits = Limits()) -> Media:  # noqa: B008 - frozen
    """Return what a file says about itself, without decoding it.

    Raises:
        MediaError: the source cannot be decoded.
        OSError: the file cannot be opened.
    """
    return await Decoder(source, limits=limits).probe()


def decode(
    source: Path,
    tracks: Tracks = "mixed",
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> AsyncGenerator[AudioChunk, None]:
    """Yield the sound of a file in chunks of at most a second.

    Raises:
        MediaError: the source cannot be decoded, or not to its end.
        OSError: the file cannot be opened.
    """
    return Decoder(source, tracks, limits).chunks()


def decode_stream(
    source: AsyncIterable[bytes],
    stream_format: StreamFormat,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> AsyncGenerator[AudioChunk, None]:
    """Yield the sound of a stream that is still arriving, in chunks of at most a tenth of a second.

    Raises:
        MediaError: the stream cannot be decoded, or not to its end.
    """
    return Decoder(source, limits=limits, stream_format=stream_format).chunks()
