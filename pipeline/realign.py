"""Corrected text + the words that were heard -> corrected words with times."""

from collections.abc import Sequence
from difflib import SequenceMatcher

import msgspec

from stages.speech import Span, Word

SHORTEST_SECONDS = 0.02
"""A word takes at least this, where it had to be put between two others."""


class Placed(msgspec.Struct, frozen=True):
    """A corrected word, and the word that was heard where it stands."""

    word: Word
    """As corrected, with its time."""
    heard: int | None
    """Index of the word it takes the place of, or of its nearest neighbour before; None where nothing was heard."""


def realign(text: str, heard: Sequence[Word], span: Span) -> list[Placed]:
    """Give the words of a corrected text their times: those of the words they share with what was heard.

    Changed words share the time of what they replace, by their letters. Source: Ratcliff and Metzener, Pattern
    Matching: The Gestalt Approach, 1988, as difflib has it.
    """
    written = text.split()
    if not heard:
        return [Placed(word, None) for word in _spread(written, span.start, span.end, span.track)]
    heard = list(heard)
    matcher = SequenceMatcher(None, [_bare(word.text) for word in heard], [_bare(text) for text in written], False)
    placed: list[Placed] = []
    for tag, first, last, begin, end in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and last - first == end - begin):
            pairs = zip(heard[first:last], written[begin:end], range(first, last), strict=True)
            placed += [Placed(_as(word, text, same=tag == "equal"), at) for word, text, at in pairs]
        elif tag == "replace":
            made = _spread(written[begin:end], heard[first].start, heard[last - 1].end, span.track)
            placed += [Placed(word, min(first + at, last - 1)) for at, word in enumerate(made)]
        elif tag == "insert":
            placed = _insert(placed, written[begin:end], heard, first, span)
    return placed


def _insert(placed: list[Placed], written: Sequence[str], heard: list[Word], at: int, span: Span) -> list[Placed]:
    """Put words into the pause before heard word `at`; where it is too short, a neighbour gives of its time."""
    start = placed[-1].word.end if placed else min(span.start, heard[0].start)
    end = heard[at].start if at < len(heard) else max(span.end, heard[-1].end)
    near = max(0, at - 1)
    if end - start >= SHORTEST_SECONDS * len(written):
        return placed + [Placed(word, near) for word in _spread(written, start, end, span.track)]
    if placed:
        before = placed[-1]
        shared = _spread([before.word.text, *written], before.word.start, max(end, before.word.end), span.track)
        kept = msgspec.structs.replace(before.word, end=shared[0].end)
        return [*placed[:-1], Placed(kept, before.heard), *(Placed(word, near) for word in shared[1:])]
    shared = _spread([*written, heard[0].text], start, heard[0].end, span.track)
    heard[0] = msgspec.structs.replace(heard[0], start=shared[-1].start)
    return [Placed(word, near) for word in shared[:-1]]


def _spread(written: Sequence[str], start: float, end: float, track: str) -> list[Word]:
    """Place words in a stretch, each as long as it has letters."""
    letters = [len(text) for text in written]
    whole, said = max(sum(letters), 1), 0
    made = []
    for text, count in zip(written, letters, strict=True):
        begin = start + (end - start) * said / whole
        said += count
        made.append(Word(start=begin, end=start + (end - start) * said / whole, track=track, text=text))
    return made


def _as(word: Word, text: str, *, same: bool) -> Word:
    return msgspec.structs.replace(word, text=text, confidence=word.confidence if same else None)


def _bare(text: str) -> str:
    """Return what makes two words the same: letters and digits, small."""
    return "".join(letter for letter in text.casefold() if letter.isalnum()) or text
