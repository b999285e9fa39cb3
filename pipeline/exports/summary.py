"""Summary -> file formats: md, txt, docx; every point says when its evidence was said or shown."""

import io
from collections.abc import Callable, Mapping

import msgspec

from pipeline.exports.docx import TYPE as DOCX
from pipeline.exports.docx import printable
from pipeline.exports.markdown import plain
from pipeline.exports.summary_outline import NO_SLIDES, Outline, outline
from pipeline.slides import Slide
from pipeline.transcript import Transcript
from stages.summary import Summary


class SummaryFormat(msgspec.Struct, frozen=True):
    """A file format that a summary can take."""

    suffix: str
    """Without the dot."""
    media_type: str
    """For Content-Type and Accept."""
    write: Callable[[Outline], bytes]
    """Makes the whole file."""


def summary_to_markdown(summary: Summary, transcript: Transcript, slides: Mapping[str, Slide] = NO_SLIDES) -> str:
    """Write the summary; each point ends with the times of what it cites."""
    return _markdown(outline(summary, transcript, slides))


def _markdown(made: Outline) -> str:
    rows = [f"# {plain(made.title)}", ""]
    for note in made.notes:
        rows += [f"*{plain(note)}*", ""]
    if made.overview:
        rows += [plain(made.overview), ""]
    for section in made.sections:
        rows += [f"## {plain(section.title)}", ""]
        for item in section.items:
            owner = f"**{plain(item.owner)}**: " if item.owner else ""
            rows.append(f"- {owner}{plain(item.text)} [{plain(item.cited)}]")
        rows.append("")
    return "\n".join(rows).rstrip() + "\n"


def _text(made: Outline) -> str:
    rows = [made.title, "", *(f"({note})\n" for note in made.notes)]
    rows += [made.overview, ""] if made.overview else []
    for section in made.sections:
        rows += [section.title]
        rows += [f"- {f'{item.owner}: ' if item.owner else ''}{item.text} [{item.cited}]" for item in section.items]
        rows.append("")
    return "\n".join(rows).rstrip() + "\n"


def _docx(made: Outline) -> bytes:
    from docx import Document
    from docx.shared import RGBColor

    document = Document()
    document.core_properties.title = printable(made.title)
    document.add_heading(printable(made.title), level=1)
    for note in made.notes:
        document.add_paragraph().add_run(printable(note)).italic = True
    if made.overview:
        document.add_paragraph(printable(made.overview))
    for section in made.sections:
        document.add_heading(printable(section.title), level=2)
        for item in section.items:
            paragraph = document.add_paragraph(style="List Bullet")
            if item.owner:
                paragraph.add_run(f"{printable(item.owner)}: ").bold = True
            paragraph.add_run(printable(item.text))
            paragraph.add_run(f" [{printable(item.cited)}]").font.color.rgb = RGBColor(0x77, 0x77, 0x77)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


SUMMARY_FORMATS: Mapping[str, SummaryFormat] = {
    made.suffix: made
    for made in (
        SummaryFormat("md", "text/markdown", lambda made: _markdown(made).encode()),
        SummaryFormat("txt", "text/plain", lambda made: _text(made).encode()),
        SummaryFormat("docx", DOCX, _docx),
    )
}
"""By the name that `?format=` takes."""
