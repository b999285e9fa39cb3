"""Standard input -> an open container of an allowed format, and what it says about itself."""

import os
from collections.abc import Iterator
from fractions import Fraction
from io import FileIO
from typing import Any, NoReturn

import av
from av.audio.stream import AudioStream
from av.codec import Codec, codecs_available
from av.codec.codec import UnknownCodecError
from av.container import InputContainer
from av.error import ArgumentError, InvalidDataError
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

FORMATS = (
    "aac,ac3,aiff,alaw,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,dtshd,eac3,flac,flv,g722,gsm,ircam,latm,loas,matroska,mov,"
    "mp3,mpc,mpc8,mpeg,mpegts,mxf,nistsphere,nut,ogg,qcp,rm,sln,sox,tta,voc,w64,wav,wsd,wtv,wv"
)
"""Containers that hold their own sound. What opens other files (hls, concat, dash, sdp, image2) is not."""

CLAIMING = {"aiff", "ape", "asf", "au", "avi", "caf", "flac", "flv", "matroska", "mov", "tta", "w64", "wav", "wv"}
"""Containers whose duration is written in them, not guessed from their size or read off their last bytes."""

POINTERS = {
    b"#EXTM3U": "playlist",
    b"ffconcat": "list of files",
    b"v=0": "session description",
    b"[playlist]": "playlist",
}
"""First bytes of files that only point to sound elsewhere."""

FILMS = (
    "libdav1d,av1,dvvideo,ffv1,flv,h263,h264,hevc,mjpeg,mpeg1video,mpeg2video,mpeg4,msmpeg4v1,msmpeg4v2,msmpeg4,png,"
    "prores,qtrle,theora,vc1,vp6,vp6f,vp8,vp9,wmv1,wmv2,wmv3"
)
"""Decoders of moving pictures that are let near a file, where pictures are wanted and no sound."""

STREAMING = {"probesize": "4096", "analyzeduration": "0"}
"""For sound that is still arriving: nothing waits for a second look. (`nobuffer` would lose the first packet.)"""


class Unusable(Exception):
    """The source cannot be decoded: the name of a media error, and what was seen."""


class Source:
    """Standard input without a name, so that no format is guessed from one and nothing is looked for beside it."""

    def __init__(self) -> None:
        self._file = FileIO(0, closefd=False)
        self.read = self._file.read
        self.seekable = self._file.seekable
        if self._file.seekable():
            self.seek, self.tell = self._file.seek, self._file.tell

    def size(self) -> int:
        """Return the bytes of a file."""
        return os.fstat(0).st_size

    def head(self, first: int = 0) -> bytes:
        """Return some bytes of a file without moving in it; none of a stream."""
        return os.pread(0, 4096, first) if self.seekable() else b""


def refuse(*_: object) -> NoReturn:
    """Open nothing that a file asks for."""
    raise Unusable("Refused", "file that asks for another file or for an address")


def open_media(source: Source, stream_format: str | None, *, pictures: bool = False) -> InputContainer:
    """Open the source if its format is allowed; decoders of what is not wanted are not let near it.

    Raises:
        Unusable: it is of another format, or broken.
    """
    start = source.head().lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, what in POINTERS.items():
        if start.startswith(mark):
            raise Unusable("Refused", what)
    options = {"format_whitelist": FORMATS, "codec_whitelist": FILMS if pictures else ",".join(sound_decoders())}
    try:
        return av.open(
            source,
            "r",
            format=stream_format,
            options=options | STREAMING if stream_format else options,
            metadata_errors="replace",
            buffer_size=1024 if stream_format else 1 << 16,
            io_open=refuse,
        )
    except InvalidDataError as error:
        cut = start[4:8] == b"ftyp"
        what = "its index is missing, so it was probably cut off" if cut else "its contents are of no known format"
        raise Unusable("NotMedia", what) from error
    except ArgumentError as error:
        raise Unusable("Refused", "file of a format that is not read") from error


def sound_decoders() -> Iterator[str]:
    """Yield the names of FFmpeg's decoders of sound."""
    for name in codecs_available:
        try:
            codec = Codec(name, "r")
        except UnknownCodecError:
            continue
        if codec.type == "audio":
            yield name


def choose(container: InputContainer) -> AudioStream:
    """Return the stream to decode, and let the container skip the others.

    Raises:
        Unusable: there is none.
    """
    chosen = container.streams.best("audio")
    if not isinstance(chosen, AudioStream):
        raise Unusable("NoSound", "pictures only" if container.streams.video else "no stream of sound")
    if chosen.codec_context is None:
        raise Unusable("NotMedia", "its sound is stored in a way for which there is no decoder")
    for stream in container.streams:
        if stream is not chosen:
            stream.discard = Discard.all
    return chosen


def describe(container: InputContainer, chosen: AudioStream) -> dict[str, Any]:
    """Say what the file says about itself."""
    sound = [stream for stream in container.streams.audio if stream.codec_context is not None]
    duration = container.duration
    return {
        "container": container.format.name,
        "sound": [{"codec": s.codec_context.name, "channels": s.channels, "rate": s.rate} for s in sound],
        "chosen": [s.index for s in sound].index(chosen.index),
        "video": any(not stream.disposition & Disposition.attached_pic for stream in container.streams.video),
        "duration": duration / 1e6 if duration is not None and duration > 0 else None,
    }


def claimed(container: InputContainer, stream: AudioStream, source: Source) -> float | None:
    """Return the seconds of sound that the file promises; None where the figure would be a guess."""
    name = container.format.name.split(",")[0]
    if name not in CLAIMING and not (name == "mp3" and _counts_frames(source)):
        return None
    if stream.duration is not None and stream.time_base is not None:
        # FFmpeg believes the size of a WAV file more than its header.
        longer = _share_missing(source) if name == "wav" else 1.0
        return float(stream.duration * stream.time_base) * longer
    if container.streams.video or container.duration is None:
        return None
    return container.duration / 1e6


def _counts_frames(source: Source) -> bool:
    """Return whether an mp3 file begins with a frame that says how many there are."""
    head = source.head()
    first = 0
    if head[:3] == b"ID3":
        # Four bytes of seven bits each. Source: https://id3.org/id3v2.4.0-structure, section 3.1
        first = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
    return any(tag in source.head(first) for tag in (b"Xing", b"Info", b"VBRI"))


def _share_missing(source: Source) -> float:
    """Return how many times longer than it is a WAV file claims to be; 1 where its header was left unfinished."""
    head = source.head()
    claim = int.from_bytes(head[4:8], "little") + 8
    unfinished = head[:4] != b"RIFF" or claim in (8, 0x1_0000_0007)
    return 1.0 if unfinished else max(1.0, claim / source.size())


def start_of(container: InputContainer, stream: AudioStream | VideoStream) -> Fraction:
    """Return when the file begins on the clock of its timestamps, in seconds."""
    if container.start_time is not None:
        return Fraction(container.start_time, 1_000_000)
    if stream.start_time is not None and stream.time_base is not None:
        return stream.start_time * stream.time_base
    return Fraction(0)
