"""What a model wrote -> how it can be compared with what it cites: in meaning, by words, or not at all.

Vectors compare what they know both languages of; words compare what is in the one language of the meeting.
"""

from collections.abc import Collection, Sequence

from stages.extract.reader import Reader
from stages.extract.talk import Talk
from stages.extract.tongues import SMALL_WORDS, tongue
from stages.summarize import SlideText
from stages.summary import Comparison
from stages.write.meaning import Meaning
from stages.write.shared_words import SharedWords
from stages.write.support import Judge, Support


def comparison(spoken: str | None, written: str | None, known: Sequence[str]) -> Comparison | None:
    """Return how texts in one language are compared with talk in another; `known` is what the vectors know."""
    if not known or (spoken in known and written in known):
        return "meaning"
    return "words" if spoken == written and spoken in SMALL_WORDS else None


def worst(found: Collection[Comparison | None]) -> Comparison | None:
    """Return the one that tells least."""
    return None if None in found else "words" if "words" in found else "meaning"


class Comparing:
    """Finds out how the texts of one summary can be compared, and remembers how they were."""

    def __init__(self, talk: Talk, reader: Reader, slides: Sequence[SlideText], wished: str | None) -> None:
        self._talk, self._reader, self._slides = talk, reader, slides
        self.spoken = tongue([sentence.text for sentence in talk.sentences])
        """Language of the meeting; None where it is none that is known here."""
        self._wished = wished
        self._supports: dict[Comparison, Support] = {}
        self._found: set[Comparison | None] = set()

    @property
    def worst(self) -> Comparison | None:
        """How everything was compared that was asked about; None where some of it could not be."""
        return worst(self._found or {self._how(())})

    def support(self, texts: Sequence[str]) -> Support | None:
        """Return what compares these texts, which were written together; None where nothing can."""
        if not texts:
            return None
        how = self._how(texts)
        self._found.add(how)
        if how is None:
            return None
        if how not in self._supports:
            self._supports[how] = Support(self._judge(how), self._talk, self._slides, self.spoken)
        return self._supports[how]

    def _how(self, texts: Sequence[str]) -> Comparison | None:
        written = tongue(texts) or self._wished or self.spoken
        return comparison(self.spoken, written, self._reader.card.languages)

    def _judge(self, how: Comparison) -> Judge:
        if how == "words" and self.spoken is not None:
            said = ((id, sentence.text) for sentence in self._talk.sentences for id in sentence.evidence)
            return SharedWords(said, self.spoken)
        return Meaning(self._talk, self._reader)
