"""Text -> the words that search knows it by, the same for every database.

Both databases store these words as they are: their own ideas of what a word is differ from version to version.
"""

import functools
import hashlib
import re
import unicodedata
from itertools import groupby
from typing import Literal

import msgspec

LONGEST_WORD = 64
"""Characters; what follows is not looked at."""
MOST_WORDS = 3000
"""Different words of one text; PostgreSQL takes at most 1 MB of them."""
MOST_TERMS = 16
"""Words of a query; more would hardly narrow it further."""
OWN = "\ue000"
"""Begins words that no text has: a character for private use, which is no part of a word."""
VOICING = "\u3099\u309a"
"""They make other letters of Japanese ones, no accents."""
LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"})
"""Letters that Unicode does not take apart into a letter and an accent."""
WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, kana, and Chinese characters: scripts that put no spaces between words."""
PLAIN = re.compile(r"[a-z0-9]+")

Kind = Literal["word", "run", "sign", "gap"]


class Term(msgspec.Struct, frozen=True):
    """A word that is looked for."""

    word: str
    """As `words` would return it."""
    is_beginning: bool
    """Whether words that begin with it are found too."""


def words(text: str) -> tuple[str, ...]:
    """Return the different words of a text, in order: without case and accents; runs without spaces as pairs."""
    found: list[str] = []
    for kind, part in _parts(text):
        if kind == "run":
            found += [part[at : at + 2] for at in range(len(part))]
        else:
            found.append(part)
    return tuple(dict.fromkeys(found))[:MOST_WORDS]


def terms(query: str) -> tuple[Term, ...]:
    """Return what must be found for a query; nothing if it has no words. The last word may be a beginning."""
    found: list[Term] = []
    for kind, part in _parts(query):
        if kind == "run" and len(part) > 1:
            found += [Term(part[at : at + 2], False) for at in range(len(part) - 1)]
        else:
            # One character of a run is where pairs begin.
            found.append(Term(part, kind == "run"))
    found = found[:MOST_TERMS]
    if found and _kind(found[-1].word[-1]) == "word":
        found[-1] = Term(found[-1].word, True)
    return tuple(dict.fromkeys(found))


def own_word(owner: str) -> str:
    """Return a word that stands for an owner, so that an index can leave out what others own."""
    return OWN + hashlib.blake2b(owner.encode(errors="replace"), digest_size=16).hexdigest()


def _parts(text: str) -> list[tuple[Kind, str]]:
    if text.isascii():
        return [("word", word[:LONGEST_WORD]) for word in PLAIN.findall(text.lower())]
    parts: list[tuple[Kind, str]] = []
    for kind, characters in groupby(_folded(text), _kind):
        if kind == "sign":
            parts += [("sign", character) for character in characters]
        elif kind != "gap":
            part = "".join(characters)
            parts.append((kind, part if kind == "run" else part[:LONGEST_WORD]))
    return parts


def _folded(text: str) -> str:
    """Return the text without case, accents and widths.

    Source: The Unicode Standard, section 3.13 (caseless matching), annex 15 (NFKD).
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(each for each in apart if not unicodedata.combining(each) or each in VOICING)
    return unicodedata.normalize("NFC", bare).translate(LETTERS)


@functools.lru_cache(maxsize=10_000)
def _kind(character: str) -> Kind:
    category = unicodedata.category(character)
    if category == "So":
        return "sign"  # emoji and their like: each is a word
    if not (character.isalnum() or category[0] == "M") or "\ufe00" <= character <= "\ufe0f":
        return "gap"
    return "run" if WITHOUT_SPACES.match(character) else "word"
