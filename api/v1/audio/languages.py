"""Languages: ISO 639-1 codes and their names, as clients write either."""

from collections.abc import Iterable, Mapping

from pipeline.gateway.errors import BadBody

NAMES: Mapping[str, str] = {
    "ar": "arabic", "bg": "bulgarian", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "fi": "finnish", "fr": "french", "he": "hebrew", "hi": "hindi",
    "hr": "croatian", "hu": "hungarian", "id": "indonesian", "it": "italian", "ja": "japanese", "ko": "korean",
    "lt": "lithuanian", "lv": "latvian", "mt": "maltese", "nl": "dutch", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sk": "slovak", "sl": "slovenian", "sv": "swedish",
    "th": "thai", "tr": "turkish", "uk": "ukrainian", "vi": "vietnamese", "zh": "chinese",
}  # fmt: skip
"""OpenAI's answers name a language in English; engines know it by its code."""
_CODES = {name: code for code, name in NAMES.items()}


MOST = 8
"""Languages that may be spoken: each is tried."""


def code_of(said: str) -> str:
    """Return the code of a language: `en` for en, EN, en-GB and english. What is none stays as it is."""
    low = said.strip().lower()
    return _CODES.get(low) or low.replace("_", "-").partition("-")[0]


def name_of(code: str) -> str:
    """Return the name of a language; the code where it has none here."""
    return NAMES.get(code, code)


def spoken_of(one: str | None, several: Iterable[str], where: str = "") -> tuple[str | None, tuple[str, ...]]:
    """Return the code of what is spoken, or, where nobody says that, the codes of what may be.

    Raises:
        BadBody: the two do not go together, or there are too many; its `param` begins with `where`.
    """
    codes = tuple(dict.fromkeys(code_of(text) for text in several if text.strip()))
    if one is not None and codes and code_of(one) not in codes:
        raise BadBody("The field language names one that languages does not.", f"{where}languages")
    if len(codes) > MOST:
        raise BadBody(f"At most {MOST} languages can be told apart.", f"{where}languages")
    if one is not None:
        return code_of(one), ()
    return (codes[0], ()) if len(codes) == 1 else (None, codes)
