"""A GGUF file -> how many tokens its model was made for, without loading anything.

Source: docs/gguf.md of ggml (magic, version, counts, then pairs of name and typed value).
"""

import struct
from pathlib import Path
from typing import BinaryIO

SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value, by the number of its type."""
WHOLE = {4: "<I", 5: "<i", 10: "<Q", 11: "<q"}
"""Types of numbers that a length is written in."""
TEXT = 8
LONGEST = 1 << 20
"""Bytes of a name or text that are believed."""


def trained_tokens(file: Path) -> int | None:
    """Return the length of context that a model was made for; None if the file does not say so near its beginning."""
    try:
        with file.open("rb") as data:
            return _found(data)
    except (OSError, struct.error, ValueError):
        return None


def _found(data: BinaryIO) -> int | None:
    magic, _, _, pairs = struct.unpack("<4sIQQ", data.read(24))
    if magic != b"GGUF":
        return None
    for _ in range(pairs):
        name = _text(data)
        (kind,) = struct.unpack("<I", data.read(4))
        if kind == TEXT:
            _text(data)
        elif kind in WHOLE and name.endswith(b".context_length"):
            return int(struct.unpack(WHOLE[kind], data.read(SIZES[kind]))[0])
        elif kind in SIZES:
            data.seek(SIZES[kind], 1)
        else:
            # An array: the vocabulary, which comes after what the model is.
            return None
    return None


def _text(data: BinaryIO) -> bytes:
    (length,) = struct.unpack("<Q", data.read(8))
    if length > LONGEST:
        raise ValueError(length)
    return data.read(length)
