"""Languages: ISO 639-1 codes and their names, as clients write either."""

from collections.abc import Mapping

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


def code_of(said: str) -> str:
    """Return the code of a language: `en` for en, EN, en-GB and english. What is none stays as it is."""
    low = said.strip().lower()
    return _CODES.get(low) or low.replace("_", "-").partition("-")[0]


def name_of(code: str) -> str:
    """Return the name of a language; the code where it has none here."""
    return NAMES.get(code, code)
