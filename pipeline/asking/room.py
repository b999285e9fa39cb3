"""Passages, best first -> those that a model has room for beside its rules and its answer."""

from collections.abc import Sequence

import msgspec

from pipeline.asking.passage import Citation, Passage

MOST_TOKENS = 700
"""Tokens of an answer."""
LETTERS = 14_000
"""Characters of passages that a model is given: about 4,000 tokens, half of a window of 8,192."""
UNKNOWN = 4096
"""Tokens of a window that nobody tells: Ollama gives so many unless it is told otherwise, and cuts the rest in silence.

Source: docs.ollama.com, Context length.
"""
RULES_TOKENS = 300
"""Tokens that the rules and the question take."""
PER_TOKEN = 3
"""Characters of a token, cautiously: a model that has less room says so, and is asked with fewer passages."""


def fitting(passages: Sequence[Passage], window: int | None) -> list[Passage]:
    """Return the best passages that a window of so many tokens takes, at least one; None where nobody knows it."""
    left = min(LETTERS, PER_TOKEN * ((window or UNKNOWN) - MOST_TOKENS - RULES_TOKENS))
    kept: list[Passage] = []
    for passage in passages:
        left -= len(passage.text)
        if left < 0 and kept:
            break
        kept.append(passage)
    return kept


def fewer(passages: Sequence[Passage]) -> list[Passage]:
    """Return the better half of passages, of a single one its best line; none where nothing can be left out."""
    if len(passages) > 1:
        return list(passages[: len(passages) // 2])
    only = passages[0]
    if len(only.lines) == 1:
        return []
    return [msgspec.structs.replace(only, lines=(only.lines[only.best],), best=0)]


def lines_of(passages: Sequence[Passage]) -> list[Citation]:
    """Return the lines of passages in the order in which they were said."""
    in_time = sorted(passages, key=lambda passage: (passage.meeting, passage.lines[0].start))
    return [line for passage in in_time for line in passage.lines]
