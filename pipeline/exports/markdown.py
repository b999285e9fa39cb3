"""Transcript -> Markdown."""

import re

from pipeline.exports.clock import clock
from pipeline.exports.names import shown_names
from pipeline.transcript import Transcript


def to_markdown(transcript: Transcript) -> str:
    """Write a heading, then a paragraph for each change of speaker, then the gaps."""
    names = shown_names(transcript)
    rows = [f"# {plain(transcript.title or 'Transcript')}", ""]
    before: tuple[str | None] | None = None
    for utterance in transcript.utterances:
        if before != (utterance.speaker,):
            rows += [f"**{plain(names[utterance.speaker])}** ({clock(utterance.start)})", ""]
            before = (utterance.speaker,)
        rows += [plain(utterance.text), ""]
    if transcript.gaps:
        rows += ["## Not processed", ""]
        rows += [f"- {clock(g.start)}-{clock(g.end)}, {g.stage}: {plain(g.reason)}" for g in transcript.gaps]
    return "\n".join(rows).rstrip() + "\n"


def plain(text: str) -> str:
    """Escape what Markdown or HTML would take for markup."""
    text = re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", text)
    return re.sub(r"^(\s*)([-+]|\d+[.)])(\s)", r"\1\\\2\3", text)
