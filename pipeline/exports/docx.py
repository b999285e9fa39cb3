"""Transcript -> Word document."""

import io

from pipeline.exports.clock import clock
from pipeline.exports.names import shown_names
from pipeline.transcript import Transcript

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
"""For Content-Type and Accept."""


def to_docx(transcript: Transcript) -> bytes:
    """Write a heading and a paragraph for each utterance, speaker in bold, time in grey."""
    from docx import Document
    from docx.shared import RGBColor

    document = Document()
    document.core_properties.title = printable(transcript.title) or "Transcript"
    document.add_heading(printable(transcript.title) or "Transcript", level=1)
    names = shown_names(transcript)
    for utterance in transcript.utterances:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{printable(names[utterance.speaker])}  ").bold = True
        paragraph.add_run(f"{clock(utterance.start)}\n").font.color.rgb = RGBColor(0x77, 0x77, 0x77)
        paragraph.add_run(printable(utterance.text))
    if transcript.gaps:
        document.add_heading("Not processed", level=2)
    for gap in transcript.gaps:
        text = f"{clock(gap.start)}-{clock(gap.end)}, {gap.stage}: {printable(gap.reason)}"
        document.add_paragraph(text, style="List Bullet")
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def printable(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(character for character in text if character in "\t\n" or ord(character) >= 32)
