"""Stretches of speech -> which of the languages that may be spoken it is, by how sure the recognizer is in each."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from stages.card import Card
from stages.guards import Guards, without_loops
from stages.heard import Heard, Wish
from stages.speech import Gap, Mark
from stages.stretch import Stretch

BY_SCORE = "language_by_score"
"""Capability of an engine that must be told the language, and is less sure of its words in a wrong one."""
MOST_STRETCHES = 4
"""Stretches that are heard in every language before the question is given up until the next mark."""
NOTHING = math.log(0.05)
"""What speaks for a language in which nothing was heard, or a loop, for each word that another language has."""

Hear = Callable[[Stretch, Wish], Awaitable[Heard | Gap]]
"""Hears a stretch in the language of a wish."""


class Told(msgspec.Struct, frozen=True):
    """How a stretch is to be understood."""

    language: str
    """ISO 639-1 code."""
    doubt: str | None = None
    """Why this may be wrong, a sentence for the reader; None where nothing more need be said."""


class Ballot:
    """What speaks for each language on one track since its last mark.

    Every stretch adds, for each language, the mean logarithm of its words' probabilities times how many words there
    are; the softmax over the languages is the belief in each. Below `sure` the first of the languages is taken.
    """

    def __init__(self, languages: Sequence[str], sure: float) -> None:
        """`sure` is a card's."""
        self._sure = sure
        self._scores = dict.fromkeys(languages, 0.0)
        self._heard = 0
        self.language = languages[0]
        """As far as is known."""

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing more need be heard in several languages."""
        return self._heard >= MOST_STRETCHES or self.share >= self._sure

    @property
    def share(self) -> float:
        """Belief in the likeliest language, 0..1."""
        best = max(self._scores.values())
        return 1 / sum(math.exp(score - best) for score in self._scores.values())

    def count(self, answers: Mapping[str, Heard | Gap], guards: Guards) -> None:
        """Take what a stretch seems to say in each language."""
        means = {language: _mean(answer, guards) for language, answer in answers.items()}
        words = max((len(answer.words) for answer in answers.values() if isinstance(answer, Heard)), default=0)
        self._heard += 1
        for language, mean in means.items():
            self._scores[language] += words * mean
        likeliest = max(self._scores, key=lambda language: self._scores[language])
        self.language = likeliest if self.share >= self._sure else next(iter(self._scores))

    @property
    def doubt(self) -> str | None:
        """Why the language may be wrong, once it was given up to find out."""
        if self._heard < MOST_STRETCHES or self.share >= self._sure:
            return None
        return (
            f"It is unclear which of the languages {', '.join(self._scores)} is spoken here; it was taken for "
            f"{self.language}. Name the language, and have it transcribed again."
        )


class Teller:
    """Tells the language of stretches anew after every mark: no state crosses one, and people change languages."""

    def __init__(self, wish: Wish, sure: float, guards: Guards, hear: Hear) -> None:
        """`sure` is a card's."""
        self._wish, self._sure, self._guards, self._hear = wish, sure, guards, hear
        self._ballots: dict[str, Ballot] = {}

    async def tell(self, line: Sequence[Stretch | Mark]) -> list[Told]:
        """Return how each stretch of a line is to be understood; what comes after it has no say in that."""
        told: list[Told] = []
        for item in line:
            if isinstance(item, Mark):
                self._ballots.pop(item.track, None)
                continue
            ballot = self._ballots.setdefault(item.track, Ballot(self._wish.languages, self._sure))
            if ballot.is_settled:
                told.append(Told(ballot.language))
                continue
            answers = {
                language: await self._hear(item, in_language(self._wish, language)) for language in self._wish.languages
            }
            ballot.count(answers, self._guards)
            told.append(Told(ballot.language, ballot.doubt))
        return told


def named(wish: Wish, card: Card) -> Wish:
    """Return a wish with the languages that an engine presumes, where it must be told and nobody said any."""
    if wish.language is None and BY_SCORE in card.capabilities:
        languages = wish.languages or card.presumed
        return msgspec.structs.replace(
            wish,
            language=languages[0] if len(languages) == 1 else None,
            languages=languages if len(languages) > 1 else (),
        )
    return wish


def in_language(wish: Wish, language: str) -> Wish:
    """Return a wish for one of its languages."""
    return msgspec.structs.replace(wish, language=language, languages=())


def _mean(answer: Heard | Gap, guards: Guards) -> float:
    """Return the mean logarithm of the probabilities of the words."""
    if isinstance(answer, Gap) or not answer.words or len(without_loops(answer.words, guards)) < len(answer.words):
        return NOTHING
    logs = [math.log(max(word.confidence, 1e-3)) for word in answer.words if word.confidence is not None]
    return max(NOTHING, sum(logs) / len(logs)) if logs else NOTHING
