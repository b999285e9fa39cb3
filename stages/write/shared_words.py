"""A text and what it cites, in one language -> how much of the text the cited utterances share, letter by letter.

Words are cut into runs of letters, which meet again in inflected and compound words; runs that are rare in the meeting
weigh more. It sees whether the same things are named, not whether the same is said of them.
Source: McNamee and Mayfield, Character N-Gram Tokenization for European Language Text Retrieval, 2004 (four letters);
Sparck Jones, A statistical interpretation of term specificity, 1972 (weights).
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from stages.extract.english import plain
from stages.extract.tongues import SMALL_WORDS, tongue

LEAST = 0.2
"""Share from which a text is supported. Source: `python -m tests.bench.evidence`, on the meetings for tuning."""
RUN = 4
"""Letters of a run."""
BEFORE = 0.5
"""What a run counts for that is not in a cited utterance, but in the one before it: "I order them tomorrow"."""
NEW = 0.5
"""What a run weighs that nobody said in the meeting, as a share of the rarest: a model has words of its own."""
FIGURE = 4.0
"""Runs that a figure weighs."""

_WORD = re.compile(r"[^\W_]+")
_LABEL = re.compile(r"s\d+")


class SharedWords:
    """A `Judge` by words: texts and utterances are in one language of `SMALL_WORDS`."""

    least = LEAST

    def __init__(self, said: Iterable[tuple[str, str]], language: str) -> None:
        """Take ids and texts in time order; of an utterance there may be several texts."""
        self._language, self._small = language, _SMALL[language]
        runs: dict[str, set[str]] = {}
        for id, text in said:
            runs.setdefault(id, set()).update(self._runs(text))
        self._said: Mapping[str, AbstractSet[str]] = runs
        self._before = dict(zip([*runs][1:], runs, strict=False))
        counts = Counter(run for held in runs.values() for run in held)
        self._weights = {run: math.log((len(runs) + 1) / count) for run, count in counts.items()}
        self._new = NEW * math.log(len(runs) + 1)

    async def said(self, points: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
        """Return which share of each text its evidence has, by weight."""
        return [
            self._share(text, self._union(evidence), self._union(self._before.get(id, "") for id in evidence))
            for text, evidence in points
        ]

    async def shown(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return which share of each text a slide has, by weight; 1 where it is in another language."""
        return [
            self._share(text, self._runs(slide), frozenset()) if tongue([slide]) in (None, self._language) else 1.0
            for text, slide in pairs
        ]

    def _share(self, text: str, said: AbstractSet[str], before: AbstractSet[str]) -> float:
        runs = self._runs(text)
        if not any(run.strip().isdigit() for run in said | before):
            # The numbers may have been said in words.
            runs = {run for run in runs if not run.strip().isdigit()}
        whole = sum(map(self._weight, runs))
        shared = sum(map(self._weight, runs & said)) + BEFORE * sum(map(self._weight, (runs & before) - said))
        return shared / whole if whole else 0.0

    def _weight(self, run: str) -> float:
        return self._weights.get(run, self._new) * (FIGURE if run.strip().isdigit() else 1.0)

    def _union(self, ids: Iterable[str]) -> AbstractSet[str]:
        return frozenset[str]().union(*(self._said.get(id, frozenset()) for id in ids))

    def _runs(self, text: str) -> set[str]:
        words = [word for word in _words(text) if word not in self._small and not _LABEL.fullmatch(word)]
        return {run for word in words for run in _runs_of(word)}


def _runs_of(word: str) -> Iterable[str]:
    """Return the runs of a word, its ends among the letters; a figure is one run."""
    whole = f" {word} "
    if word.isdigit():
        return [whole]
    return (whole[first : first + RUN] for first in range(max(1, len(whole) - RUN + 1)))


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case and without accents."""
    letters = unicodedata.normalize("NFD", plain(text))
    return _WORD.findall("".join(letter for letter in letters if not unicodedata.combining(letter)))


_SMALL = {code: frozenset(word for each in words for word in _words(each)) for code, words in SMALL_WORDS.items()}
