"""Words of questions and of what was said: how well they match."""

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
K1, B = 1.2, 0.75
"""Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009, section 3.2."""
ENDINGS = ("ingly", "edly", "ing", "ies", "ied", "ers", "ed", "es", "er", "ly", "s")
EMPTY = frozenset(
    """
    a about all am an and any anybody anyone anything are as at be been but by can could did do does doing else
    ever for from had has have he her him his how i if in into is it its let me much many meeting meetings
    my no not of on one or our people say said says she should so some somebody someone something talk talked tell
    than that the their them then there they this those to too up us was we were what when where which who whom whose
    why will with would you your mention mentioned discuss discussed
    """.split()
)
"""Words that every question has."""


@functools.lru_cache(maxsize=100_000)
def stems(text: str) -> tuple[str, ...]:
    """Return the words of a text without case and English endings, so that `ordered` meets `order`."""
    return tuple(_stem(found.group().casefold().replace("’", "'")) for found in WORD.finditer(text))


def asked(question: str) -> list[str]:
    """Return the words that a question is about, each once."""
    plain = [found.group().casefold().replace("’", "'") for found in WORD.finditer(question)]
    return list(dict.fromkeys(_stem(word) for word in plain if word.partition("'")[0] not in EMPTY))


class Matches:
    """Texts that can be asked for words."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._counts = [Counter(stems(text)) for text in texts]
        self._lengths = np.array([sum(count.values()) for count in self._counts], np.float32)
        self._in = Counter(word for count in self._counts for word in count)

    def weight(self, word: str) -> float:
        """Return how much a word tells: rare ones tell more."""
        known = self._in[word]
        return math.log(1 + (len(self._counts) - known + 0.5) / (known + 0.5))

    def scores(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return for each text how well it matches (BM25). Shape (texts,)."""
        found = np.zeros(len(self._counts), np.float32)
        mean = float(self._lengths.mean()) if len(self._counts) else 1.0
        for word in words:
            if word not in self._in:
                continue
            often = np.array([count[word] for count in self._counts], np.float32)
            found += self.weight(word) * often * (K1 + 1) / (often + K1 * (1 - B + B * self._lengths / max(mean, 1.0)))
        return found

    def covered(self, words: Sequence[str], text: str) -> float:
        """Return the share of what the words tell that a text has, 0..1; rare words weigh more."""
        weights: Mapping[str, float] = {word: self.weight(word) for word in words}
        total = sum(weights.values())
        there = set(stems(text))
        return sum(weight for word, weight in weights.items() if word in there) / total if total else 0.0


def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            bare = word[: -len(ending)]
            bare = bare[:-1] if len(bare) > 3 and bare[-1] == bare[-2] and bare[-1] not in "ls" else bare
            return bare + "y" if ending in ("ies", "ied") else bare.removesuffix("e")
    return word.removesuffix("e") if len(word) > 3 else word
