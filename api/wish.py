"""What a request says about a recording, in its query or its form -> title and options."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from api.errors import BadRequest, plainer
from api.shapes import Count, Label, Language, Name, Title
from pipeline.options import BadSpeakers, Options, speaker_range


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Fields that an upload may have."""

    title: Title | None = None
    """Title of the meeting; the file's name if there is none."""
    language: Language | None = None
    """ISO 639-1 code of what is spoken; left out, the engine tells."""
    target: Language | None = None
    """ISO 639-1 code to translate into; left out, what was said is written down."""
    speakers: Count | None = None
    """How many people speak: 3, 2-4, 2- or -4."""
    template: Label | None = None
    """Template of the summary."""
    tracks: Literal["mixed", "channels"] | None = None
    """channels: each channel of the recording is one speaker."""
    asr: Name | None = None
    """Engine that turns speech into words."""
    diarizer: Name | None = None
    """Engine that tells speakers apart."""

    @property
    def options(self) -> Options:
        """What is asked of the stages; what was left out is the default."""
        return options_of(self)


def wish_of(fields: Mapping[str, str]) -> Wish:
    """Read the fields; empty ones are left out, and fields of other names are somebody else's.

    Raises:
        BadRequest: a field makes no sense.
    """
    given = {name: text.strip() for name, text in fields.items() if text.strip()}
    try:
        return msgspec.convert(given, Wish)
    except msgspec.ValidationError as error:
        where = str(error).rpartition(" - at `$.")[2].rstrip("`")
        raise BadRequest(f"The field {where} does not fit: {plainer(str(error)).partition(' - at ')[0]}.") from error


def options_of(wish: msgspec.Struct, before: Options | None = None) -> Options:
    """Return options with everything changed that a wish names.

    Raises:
        BadSpeakers: the number of speakers makes no sense.
    """
    names = set(Options.__struct_fields__) & set(wish.__struct_fields__)
    changes = {name: getattr(wish, name) for name in names if getattr(wish, name) is not None}
    speakers: str | None = getattr(wish, "speakers", None)
    if speakers is not None:
        least, most = speaker_range(speakers)
        if least < 1 or (most is not None and most < least):
            raise BadSpeakers(f"{speakers!r} is no number of speakers; say 3, 2-4, 2- or -4.")
        changes |= {"min_speakers": least, "max_speakers": most}
    return msgspec.structs.replace(before or Options(), **changes)
