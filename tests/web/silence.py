"""A recording of silence of any length: a WAV file that is never held in memory."""

import struct

RATE = 8_000
HEADER = 44


def size(seconds: float) -> int:
    """Return the bytes of the file."""
    return HEADER + round(seconds * RATE)


def part(seconds: float, start: int, end: int) -> bytes:
    """Return the bytes start..end of the file: 8 kHz, 8 bit, mono."""
    samples = round(seconds * RATE)
    riff = struct.pack("<4sI4s", b"RIFF", 36 + samples, b"WAVE")
    shape = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE, 1, 8)
    header = riff + shape + struct.pack("<4sI", b"data", samples)
    return header[start:end] + b"\x80" * (end - max(start, HEADER))
