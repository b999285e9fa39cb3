"""Recordings of any kind, made on the spot."""

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

LAYOUTS = {1: "mono", 2: "stereo", 8: "7.1"}

CODECS = {
    "wav": "pcm_s16le",
    "flac": "flac",
    "mp3": "libmp3lame",
    "m4a": "aac",
    "mp4": "aac",
    "mkv": "libopus",
    "webm": "libopus",
    "ogg": "libopus",
}


def tones(seconds: float, rate: int = 48_000, channels: int = 1) -> NDArray[np.float32]:
    """Return a sweep that is another one in each channel. Shape (channels, n)."""
    time = np.arange(round(seconds * rate)) / rate
    sweeps = [0.4 * np.sin(2 * np.pi * (200 * (channel + 1) * time + 30 * time**2)) for channel in range(channels)]
    return np.array(sweeps, np.float32)


def encode(
    path: Path,
    sound: NDArray[np.float32] | None,
    rate: int = 48_000,
    *,
    codec: str | None = None,
    picture_seconds: float = 0.0,
    holes: dict[float, float] | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a file of sound, pictures or both. `holes`: from so many seconds on, the clock is so many ahead."""
    with av.open(str(path), "w", options=options or {}) as container:
        audio = video = None
        if sound is not None:
            audio = container.add_stream(codec or CODECS[path.suffix[1:]], rate=rate, layout=LAYOUTS[len(sound)])
        if picture_seconds:
            video = container.add_stream("mpeg4", rate=10)
            video.width = video.height = 64
            video.pix_fmt = "yuv420p"
        if isinstance(video, VideoStream):
            for picture in _pictures(picture_seconds):
                container.mux(video.encode(picture))
            container.mux(video.encode(None))
        if sound is not None and isinstance(audio, AudioStream):
            for frame in _frames(sound, rate, holes or {}):
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return path


def _frames(sound: NDArray[np.float32], rate: int, holes: dict[float, float]) -> Iterator[AudioFrame]:
    step = rate // 50
    for first in range(0, sound.shape[1], step):
        # Packed, since PyAV 18 miscounts the planes of eight channels.
        packed = np.ascontiguousarray(sound[:, first : first + step].T).reshape(1, -1)
        frame = AudioFrame.from_ndarray(packed, "flt", LAYOUTS[len(sound)])
        frame.sample_rate = rate
        left_out = sum(length for begin, length in holes.items() if first >= begin * rate)
        frame.pts = first + round(left_out * rate)
        frame.time_base = Fraction(1, rate)
        yield frame


def _pictures(seconds: float) -> Iterator[VideoFrame]:
    for number in range(round(seconds * 10)):
        frame = VideoFrame.from_ndarray(np.full((64, 64, 3), number % 256, np.uint8), "rgb24")
        frame.pts = number
        frame.time_base = Fraction(1, 10)
        yield frame


def float_wav(path: Path, samples: NDArray[np.float32], rate: int = 16_000) -> Path:
    """Write float samples as they are, numbers or not."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, rate, rate * 4, 4, 32)
    data = samples.astype("<f4").tobytes()
    head = struct.pack("<4sI4s", b"RIFF", 4 + len(form) + 8 + len(data), b"WAVE")
    path.write_bytes(head + form + struct.pack("<4sI", b"data", len(data)) + data)
    return path


def boastful_wav(path: Path, claimed_hours: float, seconds: float, rate: int = 16_000) -> Path:
    """Write a WAV file with 64-bit sizes whose header claims far more sound than follows.

    Source: EBU Tech 3306, RF64.
    """
    claim = round(claimed_hours * 3600 * rate)
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, claim * 2 + 72, claim * 2, claim, 0)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    head = struct.pack("<4sI4s", b"RF64", 0xFFFFFFFF, b"WAVE")
    path.write_bytes(head + sizes + form + struct.pack("<4sI", b"data", 0xFFFFFFFF) + bytes(round(seconds * rate) * 2))
    return path


def sparse_wav(path: Path, seconds: int, rate: int = 48_000) -> Path:
    """Write a WAV file of stereo silence that takes next to no room on the disk."""
    size = seconds * rate * 4
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, rate, rate * 4, 4, 16)
    head = struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + size)
    return path


def with_cover(path: Path, seconds: float = 2.0) -> Path:
    """Write sound with a cover picture, as players of music show it."""
    with av.open(str(path), "w", format="mp4") as container:
        audio = container.add_stream("aac", rate=48_000, layout="mono")
        cover = container.add_stream("mjpeg", rate=1)
        assert isinstance(audio, AudioStream) and isinstance(cover, VideoStream)
        cover.width = cover.height = 64
        cover.pix_fmt = "yuvj420p"
        cover.disposition = Disposition.attached_pic
        container.mux(cover.encode(next(_pictures(0.1))))
        container.mux(cover.encode(None))
        for frame in _frames(tones(seconds), 48_000, {}):
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    return path
