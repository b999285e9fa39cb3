"""The first bytes of a recording -> its media type, where they tell that it is sound: nobody looks for slides in it.

Source: RFC 2361 (WAVE), RFC 9639 (FLAC), RFC 3533 (Ogg), ISO/IEC 11172-3 (MPEG audio), ISO/IEC 14496-12 (brands).
"""

from collections.abc import AsyncIterator

LOOKED_AT = 64
"""Bytes that are looked at."""
BEGINNINGS = (
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"caff", "audio/x-caf"),
    (4, b"ftypM4A ", "audio/mp4"),
    (4, b"ftypM4B ", "audio/mp4"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AIFF", "audio/aiff"),
)
"""Where what stands in which kind of sound. Containers that may hold pictures are not among them."""


class FirstBytes:
    """A body that remembers how it began."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body
        self.seen = b""
        """At most the first LOOKED_AT bytes, of what has been read."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes."""
        async for block in self._body:
            if len(self.seen) < LOOKED_AT:
                self.seen += block[: LOOKED_AT - len(self.seen)]
            yield block


def sound_type(first: bytes) -> str | None:
    """Return the media type of what begins so; None where it may have pictures, or is nothing known."""
    for at, mark, kind in BEGINNINGS:
        if first[at : at + len(mark)] == mark:
            return kind
    if first.startswith(b"OggS") and b"theora" not in first:
        return "audio/ogg"
    if len(first) > 1 and first[0] == 0xFF and first[1] & 0xE0 == 0xE0:
        # Eleven bits of synchronisation; layer 0 is AAC with ADTS headers.
        return "audio/aac" if first[1] & 0x06 == 0 else "audio/mpeg"
    return None
