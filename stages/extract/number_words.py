"""What numbers sound like, by language."""

import re
from collections.abc import Iterable, Mapping

from stages.extract.english import tokens

SPOKEN: Mapping[str, re.Pattern[str]] = {
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
"""By ISO 639-1 code."""


def number_words(language: str | None, texts: Iterable[str]) -> frozenset[str]:
    """Return the words of texts that are numbers."""
    pattern = SPOKEN.get(language or "")
    if pattern is None:
        return frozenset()
    said = {token for text in texts for token in tokens(text)}
    return frozenset(word for word in said if all(pattern.fullmatch(part) for part in word.split("-")))
