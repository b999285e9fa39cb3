"""Figures of a point -> whether what it cites says them; where numbers were said in words, that is not known."""

import re

from stages.extract.number_words import SPOKEN

_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_LABEL = re.compile(r"\bS\d+\b")


def figures_agree(text: str, evidence: str, language: str | None) -> bool:
    """Tell whether each figure of a text is in the evidence, which is in this language."""
    written = {_bare(figure) for figure in _FIGURE.findall(_LABEL.sub("", text))}
    if written <= {_bare(figure) for figure in _FIGURE.findall(evidence)}:
        return True
    spoken = SPOKEN.get(language or "en", SPOKEN["en"])
    return spoken.search(evidence.lower()) is not None


def _bare(figure: str) -> str:
    return re.sub(r"\D", "", figure)
