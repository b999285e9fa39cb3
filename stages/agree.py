"""Two hypotheses -> what they agree on."""

import re
import unicodedata
from collections.abc import Sequence

import msgspec


class Agreement(msgspec.Struct, frozen=True):
    """What successive hypotheses of one open stretch say, and how much of it they agree on."""

    words: tuple[str, ...] = ()
    """Words of the newest hypothesis, as written."""
    agreed: int = 0
    """How many of the first words two successive hypotheses agree on."""

    def after(self, text: str, held_back: int = 1) -> "Agreement":
        """Return the agreement once another hypothesis is heard.

        The last `held_back` words are never agreed on: the sound may end inside of them. What was agreed on stays so
        unless the newest hypothesis says something else there.

        Source: Machacek et al., Turning Whisper into Real-Time Transcription System, 2023 (LocalAgreement-2).
        """
        words = tuple(text.split())
        common = shared_prefix(self.words, words)
        settled = min(common, len(self.words) - held_back, len(words) - held_back)
        return Agreement(words, max(settled, min(self.agreed, common), 0))

    @property
    def text(self) -> str:
        """The newest hypothesis."""
        return " ".join(self.words)

    @property
    def characters(self) -> int:
        """How many characters at the start of `text` are agreed on."""
        return len(" ".join(self.words[: self.agreed]))


def shared_prefix(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many words both begin with, whatever their case and punctuation."""
    same = 0
    for one, other in zip(before, after, strict=False):
        if bare(one) != bare(other):
            break
        same += 1
    return same


def bare(word: str) -> str:
    """Return a word without case, accents of composition and punctuation."""
    return re.sub(r"[^\w']+", "", unicodedata.normalize("NFKC", word).casefold()).strip("'_")
