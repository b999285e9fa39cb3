"""What a request says about a recording, in its query or its form -> title and options."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Literal

import msgspec

from api.errors import BadRequest, plainer
from api.shapes import Count, Label, Language, Languages, Name, Title, Words
from pipeline.options import BadSpeakers, Options, speaker_range
from pipeline.templates.shelf import UnknownTemplate
from stages.summary import Length


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Fields that an upload may have."""

    title: Title | None = None
    """Title of the meeting; the file's name if there is none."""
    language: Language | None = None
    """ISO 639-1 code of what is spoken; left out, the engine tells."""
    languages: Languages | None = None
    """Codes of what may be spoken, the likeliest first, where it is to be told: de,en. At most eight."""
    target: Language | None = None
    """ISO 639-1 code to translate into; left out, what was said is written down."""
    speakers: Count | None = None
    """How many people speak: 3, 2-4, 2- or -4."""
    template: Label | None = None
    """Template of the summary."""
    held_on: date | None = None
    """Day of the meeting, from which "by Thursday" is counted; left out, today."""
    summary_language: Language | None = None
    """ISO 639-1 code of the summary; left out, that of the transcript."""
    summary_length: Length | None = None
    """How much the summary says; left out, what the template says."""
    summary_model: Name | None = None
    """Language model that writes the summary; `extractive` takes sentences from the transcript."""
    glossary: Words | None = None
    """Names, products and abbreviations, one a line, each perhaps with `: ` and what it means."""
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


def wish_of(fields: Mapping[str, str], templates: Collection[str] | None = None) -> Wish:
    """Read the fields; empty ones are left out, and fields of other names are somebody else's.

    Raises:
        BadRequest: a field makes no sense.
        UnknownTemplate: `templates` are known, and this is none of them.
    """
    given = {name: text.strip() for name, text in fields.items() if text.strip()}
    try:
        wish = msgspec.convert(given, Wish)
    except msgspec.ValidationError as error:
        where = str(error).rpartition(" - at `$.")[2].rstrip("`")
        raise BadRequest(f"The field {where} does not fit: {plainer(str(error)).partition(' - at ')[0]}.") from error
    if wish.template is not None and templates is not None and wish.template not in templates:
        raise UnknownTemplate.of(wish.template, templates)
    return wish


def options_of(wish: msgspec.Struct, before: Options | None = None) -> Options:
    """Return options with everything changed that a wish names.

    Raises:
        BadSpeakers: the number of speakers makes no sense.
    """
    names = set(Options.__struct_fields__) & set(wish.__struct_fields__)
    changes = {name: getattr(wish, name) for name in names if getattr(wish, name) is not None}
    glossary: str | tuple[str, ...] | None = getattr(wish, "glossary", None)
    if isinstance(glossary, str):
        changes["glossary"] = tuple(line.strip() for line in glossary.splitlines() if line.strip())
    languages: str | None = getattr(wish, "languages", None)
    if languages is not None:
        changes["languages"] = tuple(dict.fromkeys(code.strip() for code in languages.split(",")))
        changes.setdefault("language", None)
    speakers: str | None = getattr(wish, "speakers", None)
    if speakers is not None:
        least, most = speaker_range(speakers)
        if least < 1 or (most is not None and most < least):
            raise BadSpeakers(f"{speakers!r} is no number of speakers; say 3, 2-4, 2- or -4.")
        changes |= {"min_speakers": least, "max_speakers": most}
    return msgspec.structs.replace(before or Options(), **changes)
