"""What the decoding process and the one that started it say to each other.

The child gets its `Wish` as JSON on the command line and the source on standard input. It answers on standard output
with messages: a `HEADER`, then as many bytes as it says. First comes what the file says about itself, then blocks of
sound, and last how it went.
"""

import struct
from typing import NamedTuple, TypedDict

HEADER = struct.Struct("<cBIq")
"""Kind of message, channels of a block, bytes that follow, and the first sample of a block at 16 kHz."""

MEDIA, END, FAILED = b"m", b"e", b"x"
"""Kinds of message whose bytes are JSON."""

INT16, FLOAT = b"s", b"f"
"""Kinds of block: little-endian int16, or float32 for files of float samples, which may hold what is no number."""

PICTURE, SCENE = b"p", b"k"
"""Kinds of message about what was shown, with the number of a slide: a JPEG of it; the times (JSON) of a stretch."""

LARGEST = 1 << 24
"""Bytes in a message, at most."""

BUFFER = 1 << 18
"""Bytes that may lie between the two processes."""


class Wish(TypedDict):
    """What the child is asked to do."""

    mixed: bool
    """Whether all channels become one track."""
    block: int
    """Samples in a block, at 16 kHz."""
    stream_format: str | None
    """FFmpeg's name of the format of a stream that is still arriving; None for a file."""
    decode: bool
    """Whether sound is wanted, not only what the file says about itself."""
    pictures: bool
    """Whether what was shown is wanted, in the place of sound."""
    tracks: int
    """Most channels that may become tracks."""
    memory: int
    """Bytes of address space."""
    cpu_seconds: int
    """Seconds of computing time."""


class Block(NamedTuple):
    """A stretch of sound."""

    kind: bytes
    channels: int
    """Channels in `data`, whose samples take turns."""
    first: int
    """Place of the first sample, at 16 kHz; or the number of a slide."""
    data: bytes | memoryview
