"""Topics -> titles: the words that set a topic apart from the others.

Source: Grootendorst, BERTopic, 2022 (class-based TF-IDF); Grootendorst, KeyBERT, 2020 (words near the centre).
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stages.extract.english import NUMBERS, SMALL, tokens
from stages.extract.talk import Talk
from stages.extract.topics import Stretch

CANDIDATES = 12
"""Words or pairs per topic whose vectors are asked for."""
WORDS = 3
"""Words or pairs in a title."""
_WRITTEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def candidates(talk: Talk, topics: Sequence[Stretch], small: frozenset[str] | None = None) -> list[dict[str, float]]:
    """Return, per topic, its most characteristic words and pairs of words, with their weight.

    `small` are words that name nothing; None takes those of English.
    """
    known = SMALL | NUMBERS if small is None else small
    counted = [_counts(talk, topic, known) for topic in topics]
    total: Counter[str] = Counter()
    for counts in counted:
        total.update(counts)
    average = sum(total.values()) / max(1, len(topics))
    found = []
    for counts in counted:
        size = max(1, sum(counts.values()))
        weights = {
            term: count / size * math.log(1 + average / total[term]) * _shape(term, count)
            for term, count in counts.items()
        }
        found.append(dict(sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]))
    return found


def named(
    weights: Mapping[str, float], vectors: Mapping[str, NDArray[np.float32]], centre: NDArray[np.float32]
) -> list[str]:
    """Return what a topic is named after: words that are characteristic and near to what it is about."""

    def merit(term: str) -> float:
        return weights[term] * max(0.05, 0.15 + float(vectors[term] @ centre))

    chosen: list[str] = []
    for term in sorted(weights, key=merit, reverse=True):
        if len(chosen) < WORDS and not any(_same(term, other) for other in chosen):
            chosen.append(term)
    return chosen


def title(terms: Iterable[str], forms: Mapping[str, str]) -> str:
    """Write terms as a title, each once in whatever form."""
    kept: list[str] = []
    for term in terms:
        if not any(_same(term, other) for other in kept):
            kept.append(term)
    text = ", ".join(" ".join(forms.get(word, word) for word in term.split()) for term in kept)
    return text[:1].upper() + text[1:]


def forms_of(talk: Talk) -> Mapping[str, str]:
    """Return words as they are mostly written inside sentences, by their lower case: names, and nouns in German."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in talk.sentences:
        for word in _WRITTEN.findall(sentence.text)[1:]:
            counts[word.lower()][word] += 1
    return {word: found.most_common(1)[0][0] for word, found in counts.items()}


def _counts(talk: Talk, topic: Stretch, small: frozenset[str]) -> Counter[str]:
    """Count words, and pairs of neighbours that come up more than once."""
    single: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for place in range(topic.first, topic.last):
        words = tokens(talk.sentences[place].text)
        tells = [word if _tells(word, small) else "" for word in words]
        single.update(filter(None, tells))
        pairs.update(f"{a} {b}" for a, b in pairwise(tells) if a and b)
    repeated = Counter({pair: count for pair, count in pairs.items() if count > 1})
    return _folded(single) + repeated


def _folded(counts: Counter[str]) -> Counter[str]:
    """Count a plural with its singular, under the form that is said more often."""
    for word in list(counts):
        plural = f"{word}s"
        if counts.get(plural) and counts.get(word):
            kept, gone = (word, plural) if counts[word] >= counts[plural] else (plural, word)
            counts[kept] += counts.pop(gone)
    return counts


def _tells(word: str, small: frozenset[str]) -> bool:
    return len(word) > 2 and word not in small and "'" not in word


def _shape(term: str, count: int) -> float:
    """Prefer what was said more than once, and pairs a little."""
    return (1.0 if count > 1 else 0.6) * (1.3 if " " in term else 1.0)


def _same(term: str, other: str) -> bool:
    """Tell whether two terms share a word, or one is a form of the other."""
    return any(a.rstrip("s")[:5] == b.rstrip("s")[:5] for a in term.split() for b in other.split())
