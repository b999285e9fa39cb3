"""What is known about a recording that is handed in, and how much of it is accepted."""

from typing import Literal

import msgspec

Tracks = Literal["mixed", "channels"]
"""Whether all channels are mixed into one track, or each channel is a track of its own."""

SOUND_TYPES = {"mov": "mp4", "matroska": "webm", "mp3": "mpeg", "asf": "x-ms-wma"}
"""What FFmpeg calls containers -> what the web calls them, where they hold sound alone and the names differ."""


class SoundStream(msgspec.Struct, frozen=True):
    """One stream of sound in a file."""

    codec: str
    """FFmpeg's name of the decoder."""
    channels: int
    """At least 1."""
    rate: int
    """Samples per second as stored."""


class Media(msgspec.Struct, frozen=True):
    """What a file says about itself."""

    container: str
    """FFmpeg's name of the format."""
    sound: tuple[SoundStream, ...]
    """At least one."""
    chosen: int
    """Index in `sound` of the stream that is decoded: the one that FFmpeg takes for the main one."""
    video: bool
    """Whether moving pictures are in it; a cover picture does not count."""
    duration: float | None = None
    """Seconds that the file claims to last: to be shown, never to be relied on. None where it claims nothing."""

    @property
    def sound_type(self) -> str | None:
        """The media type of a file without moving pictures; None where it has some."""
        first = self.container.partition(",")[0]
        return None if self.video else f"audio/{SOUND_TYPES.get(first, f'x-{first}')}"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one source may take."""

    hours: float = 24.0
    """Sound that may come out, in hours, tracks added up."""
    tracks: int = 64
    """Channels that may become tracks; at most 255."""
    memory: int = 1 << 30
    """Address space of the decoding process, in bytes."""
    cpu_seconds: float = 60.0
    """Computing time of the decoding process for any file, however small."""
    cpu_seconds_per_megabyte: float = 10.0
    """Computing time that each megabyte of the file adds; the densest speech codecs take a third of it."""
    stream_cpu_seconds: float = 3600.0
    """Computing time for a stream, whose size nobody knows beforehand."""


class Decoded(msgspec.Struct, frozen=True):
    """How a decoding went that came to its end."""

    samples: dict[str, int]
    """For each track, the sample after its last one, at 16 kHz."""
    damaged: str | None
    """What the reader should know about the state of the file, in sentences; None where it is sound."""
