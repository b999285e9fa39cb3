"""A sentence of an answer and the lines it cites -> those that say it, as far as their languages can be compared."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from pipeline.asking.passage import SLIDE, Citation
from pipeline.asking.vectors import TextVectors
from stages.extract.tongues import tongue
from stages.write.comparing import comparison
from stages.write.shared_words import SharedWords

SUPPORT = 0.25
"""A sentence must be at least so alike to what it cites: far below what a paraphrase has (0.5 and more)."""


class Holds:
    """Compares sentences with the lines that the model was shown."""

    def __init__(self, vectors: TextVectors, lines: Sequence[Citation], question: str) -> None:
        self._vectors, self._lines = vectors, lines
        self._asked = tongue([question])
        by_meeting: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            by_meeting[line.meeting].append(line.text)
        self._spoken = {meeting: tongue(texts) for meeting, texts in by_meeting.items()}
        self._words: dict[str, SharedWords] = {}

    async def of(self, text: str, cited: Sequence[Citation]) -> tuple[Citation, ...]:
        """Return the lines that say it, and all those in a language that cannot be compared. Raises EngineError."""
        written = tongue([text]) or self._asked
        around = [_around(line, self._lines) for line in cited]
        vectors = await self._vectors.embed([text, *around])
        alike = np.atleast_1d(vectors[1:] @ vectors[0])
        kept = [await self._says(text, line, written, float(alike[at])) for at, line in enumerate(cited)]
        return tuple(line for line, says in zip(cited, kept, strict=True) if says)

    async def _says(self, text: str, line: Citation, written: str | None, alike: float) -> bool:
        spoken = self._language(line)
        if spoken is None:
            return alike >= SUPPORT
        how = comparison(spoken, written or spoken, self._vectors.languages)
        if how == "words":
            words = self._judge(line.meeting, spoken)
            return (await words.said([(text, [_id(line)])]))[0] >= words.least
        return how is None or alike >= SUPPORT

    def _language(self, line: Citation) -> str | None:
        """Return what a line is in; a slide may be in another language than the talk."""
        shown = tongue([line.text]) if line.utterance.startswith(SLIDE) or line.slide else None
        return shown or self._spoken[line.meeting]

    def _judge(self, meeting: str, language: str) -> SharedWords:
        if meeting not in self._words:
            said = ((_id(line), line.text) for line in self._lines if line.meeting == meeting)
            self._words[meeting] = SharedWords(said, language)
        return self._words[meeting]


def _id(line: Citation) -> str:
    return line.slide or line.utterance


def _around(line: Citation, lines: Sequence[Citation]) -> str:
    """Return a line with its neighbours: an answer to a question says little without it."""
    at = lines.index(line)
    near = [each for each in lines[max(0, at - 1) : at + 2] if each.meeting == line.meeting]
    return " ".join(each.text for each in near)
