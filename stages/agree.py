"""Successive hypotheses -> what they agree on."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

import msgspec

APART_SECONDS = 0.6
"""Hypotheses must agree over at least so much new sound: those of nearly the same sound make the same mistakes.

Measured on 679 words of readers, actors and synthetic voices, a hypothesis every 0.3 s: of the words that two agreed on
4.3 % were different in the end, of those that stood for 0.6 s 1.4 %, for 1.2 s 1.3 %.
"""


class Agreement(msgspec.Struct, frozen=True):
    """What successive hypotheses of one open stretch say, and how much of it they agree on."""

    words: tuple[str, ...] = ()
    """Words of the newest hypothesis, as written."""
    agreed: int = 0
    """How many of the first words the hypotheses agree on."""
    recent: tuple[tuple[float, tuple[str, ...]], ...] = ()
    """End and words of the last hypotheses, the newest last: those that a word must stand in."""

    def after(self, text: str, end: float, held_back: int = 1) -> "Agreement":
        """Return the agreement once another hypothesis is heard, of sound up to `end`.

        The last `held_back` words are never agreed on: the sound may end inside of them. What was agreed on stays so
        unless the newest hypothesis says something else there.

        Source: Machacek et al., Turning Whisper into Real-Time Transcription System, 2023 (LocalAgreement).
        """
        words = tuple(text.split())
        recent = (*self.recent, (end, words))
        # The newest that is old enough, and what came after it.
        first = max((at for at, (before, _) in enumerate(recent) if end - before >= APART_SECONDS), default=None)
        settled = 0
        if first is not None:
            recent = recent[first:]
            settled = min(shared_prefix(said for _, said in recent), *(len(said) - held_back for _, said in recent))
        still = min(self.agreed, shared_prefix((self.words, words)))
        return Agreement(words, max(settled, still, 0), recent)

    @property
    def text(self) -> str:
        """The newest hypothesis."""
        return " ".join(self.words)

    @property
    def characters(self) -> int:
        """How many characters at the start of `text` are agreed on."""
        return len(" ".join(self.words[: self.agreed]))


def shared_prefix(texts: Iterable[Sequence[str]]) -> int:
    """Return how many words all begin with, whatever their case and punctuation."""
    same = 0
    for words in zip(*texts, strict=False):
        if len(set(map(bare, words))) > 1:
            break
        same += 1
    return same


def bare(word: str) -> str:
    """Return a word without case, accents of composition and punctuation."""
    return re.sub(r"[^\w']+", "", unicodedata.normalize("NFKC", word).casefold()).strip("'_")
