"""A date as it was said in French, German or Spanish -> the same in English, where there is no doubt about the day."""

import re
from collections.abc import Mapping

from stages.due_date import DAYS
from stages.extract.english import plain

NAMES: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "aujourd'hui|ce soir|cet après-midi|ce matin": "today",
        "demain": "tomorrow",
        "fin du mois": "by the end of the month",
        "fin de la semaine": "by the end of the week",
        **dict(zip("lundi mardi mercredi jeudi vendredi samedi dimanche".split(), DAYS, strict=True)),
    },
    "de": {
        "heute": "today",
        "morgen": "tomorrow",
        "monatsende|ende des monats": "by the end of the month",
        "ende der woche": "by the end of the week",
        **dict(zip("montag dienstag mittwoch donnerstag freitag samstag sonntag".split(), DAYS, strict=True)),
    },
    "es": {
        "hoy|esta tarde|esta noche|esta mañana": "today",
        "mañana": "tomorrow",
        "fin(?:ales)? de mes": "by the end of the month",
        **dict(zip("lunes martes miércoles jueves viernes sábado domingo".split(), DAYS, strict=True)),
    },
}
"""What the words mean, by language; of several that fit the first one holds."""
_UNSURE = re.compile(r"\b(?:proch\w+|nächst\w+|kommend\w+|próxim\w+|viene)\b")
"""Next Friday: tomorrow, or in a week?"""


def in_english(due: str | None, language: str | None) -> str | None:
    """Return a date in English; as it is where the language has no words here, None where it is not certain."""
    if due is None or language is None or language not in NAMES:
        return due
    said = plain(due)
    if _UNSURE.search(said):
        return None
    return next((day for words, day in NAMES[language].items() if re.search(rf"\b(?:{words})\b", said)), None)
