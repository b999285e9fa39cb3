"""Transcript -> file formats: json, txt, md, srt, vtt, rttm, docx."""

from collections.abc import Callable, Mapping

import msgspec

from pipeline.exports.docx import TYPE, to_docx
from pipeline.exports.markdown import to_markdown
from pipeline.exports.rttm import to_rttm
from pipeline.exports.subtitles import to_srt, to_vtt
from pipeline.exports.text import to_text
from pipeline.transcript import Transcript


class Format(msgspec.Struct, frozen=True):
    """A file format a transcript can take."""

    suffix: str
    """Without the dot."""
    media_type: str
    """For Content-Type and Accept."""
    write: Callable[[Transcript], bytes]
    """Makes the whole file."""


def to_json(transcript: Transcript) -> bytes:
    """Write the transcript as it travels on the wire."""
    return msgspec.json.format(msgspec.json.encode(transcript), indent=2) + b"\n"


FORMATS: Mapping[str, Format] = {
    made.suffix: made
    for made in (
        Format("json", "application/json", to_json),
        Format("txt", "text/plain", lambda made: to_text(made).encode()),
        Format("md", "text/markdown", lambda made: to_markdown(made).encode()),
        Format("srt", "application/x-subrip", lambda made: to_srt(made).encode()),
        Format("vtt", "text/vtt", lambda made: to_vtt(made).encode()),
        Format("rttm", "text/x-rttm", lambda made: to_rttm(made).encode()),
        Format("docx", TYPE, to_docx),
    )
}
"""By the name that `--format` and `?format=` take."""
