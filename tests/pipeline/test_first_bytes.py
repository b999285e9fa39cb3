"""Sound is known by its first bytes; what may have pictures is not called sound."""

from collections.abc import AsyncIterator

import pytest

from pipeline.first_bytes import LOOKED_AT, FirstBytes, sound_type

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", None),
        (b"fLaC\x00", "audio/flac"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"OggS" + bytes(24) + b"OpusHead", "audio/ogg"),
        (b"OggS" + bytes(24) + b"\x80theora", None),
        (b"\x00\x00\x00\x1cftypM4A \x00", "audio/mp4"),
        (b"\x00\x00\x00\x1cftypisom\x00", None),
        (b"\x1aE\xdf\xa3", None),
        (b"\xff\xd8\xff", None),
        (b"", None),
    ],
)
def test_what_begins_so(first: bytes, kind: str | None) -> None:
    assert sound_type(first) == kind


async def test_a_body_is_passed_on_whole() -> None:
    async def body() -> AsyncIterator[bytes]:
        for block in (b"fL", b"aC", bytes(100), b"end"):
            yield block

    first = FirstBytes(body())
    assert b"".join([block async for block in first]) == b"fLaC" + bytes(100) + b"end"
    assert first.seen == b"fLaC" + bytes(LOOKED_AT - 4)
