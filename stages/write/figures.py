"""Figures of a point -> whether what it cites says them; where numbers were said in words, that is not known."""

import re
from collections.abc import Mapping

_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_LABEL = re.compile(r"\bS\d+\b")
_SPOKEN: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|"
        r"seventy|eighty|ninety|hundred|thousand|million|half|quarter|dozen|first|second|third|\w+th|twice)\b"
    ),
    "fr": re.compile(
        r"\b(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|"
        r"quarante|cinquante|soixante|cents?|mille|millions?|\w+aine|demie?|moitié|tiers|quarts?|premi(?:er|ère)|"
        r"seconde?|\w+ième)\b"
    ),
    "de": re.compile(
        r"\b(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|dutzend|halb\w*|(?:ander|\w+ein)thalb|hälfte|"
        r"viertel|drittel|\w*(?:zehn|zig|ßig|hundert|tausend)|\w*(?:hundert|tausend)\w+|million(?:en)?|"
        r"erste[nrsm]?|dritte[nrsm]?|\w*(?:zwei|vier|fünf|sechs|sieb|siebten|ach|neun|zehn|elf|zwölf)te[nrsm]?|"
        r"\w+ste[nrsm]?)\b"
    ),
    "es": re.compile(
        r"\b(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieci\w+|veinte|"
        r"veinti\w+|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|cientos?|\w+(?:cient|quinient)[oa]s|"
        r"quinient[oa]s|mil|mill(?:ón|ones)|docenas?|medi[oa]|mitad|tercio|cuarto|primer[oa]?|segund[oa]|tercer[oa]?)\b"
    ),
}
"""What numbers sound like, by ISO 639-1 code."""


def figures_agree(text: str, evidence: str, language: str | None) -> bool:
    """Tell whether each figure of a text is in the evidence, which is in this language."""
    written = {_bare(figure) for figure in _FIGURE.findall(_LABEL.sub("", text))}
    if written <= {_bare(figure) for figure in _FIGURE.findall(evidence)}:
        return True
    spoken = _SPOKEN.get(language or "en", _SPOKEN["en"])
    return spoken.search(evidence.lower()) is not None


def _bare(figure: str) -> str:
    return re.sub(r"\D", "", figure)
