"""Data URLs -> short recordings of people whose names are known."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence

import msgspec

from pipeline.gateway.errors import BadBody

NAMES, CLIPS = "known_speaker_names", "known_speaker_references"
MOST_KNOWN = 4
"""Speakers that may be known."""
LONGEST_NAME = 100
"""Characters."""


class Reference(msgspec.Struct, frozen=True):
    """How somebody sounds."""

    name: str
    """Whom."""
    data: bytes
    """A recording, in any container."""


def references_of(fields: Mapping[str, Sequence[str]]) -> tuple[Reference, ...]:
    """Read names and recordings of a form.

    Raises:
        BadBody: they do not fit together, or a recording is none.
    """
    names = [name.strip() for name in fields.get(NAMES, ())]
    clips = fields.get(CLIPS, ())
    if len(names) != len(clips):
        raise BadBody(f"There are {len(names)} known_speaker_names and {len(clips)} known_speaker_references.", CLIPS)
    if len(names) > MOST_KNOWN:
        raise BadBody(f"At most {MOST_KNOWN} speakers can be known.", NAMES)
    if len(set(names)) < len(names) or not all(0 < len(name) <= LONGEST_NAME for name in names):
        raise BadBody(f"Each known speaker has a name of their own, of at most {LONGEST_NAME} characters.", NAMES)
    return tuple(Reference(name, _data(clip)) for name, clip in zip(names, clips, strict=True))


def _data(clip: str) -> bytes:
    """Return what a data URL holds. Source: RFC 2397."""
    found = re.match(r"data:[^,]{0,200};base64,", clip, re.IGNORECASE)
    if found is None:
        raise BadBody("A reference is a recording as a data URL: data:audio/wav;base64,...", CLIPS)
    try:
        return base64.b64decode(re.sub(r"\s+", "", clip[found.end() :]), validate=True)
    except binascii.Error as error:
        raise BadBody(f"The data URL of a reference cannot be read: {error}.", CLIPS) from error
