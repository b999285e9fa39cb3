"""A finished live recording -> one WAV file in the store: what is played, and what later runs listen to."""

import struct

import numpy as np

from pipeline.recording import Recording
from stages.speech import SAMPLE_RATE, samples
from storage.store import Store

BLOCK = 10 * SAMPLE_RATE
"""Samples that are written at a time."""
MOST_BYTES = 0xFFFF_FFFF - 36
"""Sound that a WAV header can tell of: 37 hours of one track."""


class TooLong(ValueError):
    """The recording does not fit into a WAV file."""


async def merge(recording: Recording, store: Store, key: str) -> int:
    """Write every track as a channel, in the order in which they joined, and return the size of the file.

    The samples are those that were heard, 16 bits at 16 kHz; before a track joined and after it left there is silence.

    Raises:
        TooLong: it would be larger than a WAV file can be.
    """
    tracks = recording.tracks
    length = samples(recording.duration)
    size = length * max(1, len(tracks)) * 2
    if size > MOST_BYTES:
        raise TooLong(f"{recording.duration / 3600:.1f} hours of {len(tracks)} tracks do not fit into a WAV file.")
    async with store.open_writer(key) as writer:
        await writer.write(header(max(1, len(tracks)), size))
        for first in range(0, length, BLOCK):
            last = min(first + BLOCK, length)
            block = np.zeros((last - first, max(1, len(tracks))), "<i2")
            for channel, track in enumerate(tracks):
                heard = await recording.read(track, first, last)
                block[: len(heard), channel] = np.rint(heard * 32768)
            await writer.write(block.tobytes())
    return size + 44


def header(channels: int, size: int) -> bytes:
    """Return the header of a WAV file of 16-bit samples at 16 kHz. Source: RFC 2361; IBM and Microsoft, RIFF, 1991."""
    width = 2 * channels
    form = struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE")
    kind = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, SAMPLE_RATE, SAMPLE_RATE * width, width, 16)
    return form + kind + struct.pack("<4sI", b"data", size)
