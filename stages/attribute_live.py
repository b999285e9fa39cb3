"""Words and speaker turns -> utterances, while people speak: words at once, speakers as soon as they are known."""

from collections.abc import AsyncGenerator
from typing import ClassVar

from stages.attribute import Attribution, attribute
from stages.speech import Diarized, Mark, Span, SpeakerTurn, Transcribed, Utterance, Word
from stages.stage import Inbox, Stage, items

Read = Word | Transcribed | SpeakerTurn | Diarized

TURNS_KEPT_SECONDS = 120.0
"""Turns are forgotten this long before the frontier: words are never that late."""


class AttributeLive(Stage[Read, Utterance]):
    """Yields the utterances of a stretch when its words are out, and again when it is known who spoke.

    An utterance sent again has the id it had; where two people share a stretch, the second one's words move to an
    utterance of their own. What lies beyond the diarization frontier has no speaker yet, never a guessed one.
    """

    name: ClassVar[str] = "attribute"
    consumes: ClassVar[tuple[type[Span], ...]] = (Word, Transcribed, SpeakerTurn, Diarized)
    produces: ClassVar[tuple[type[Span], ...]] = (Utterance,)

    def __init__(self, rules: Attribution | None = None, *, speakers: bool = True) -> None:
        """Without `speakers`, nobody tells them apart while the meeting goes on."""
        self.rules = rules or Attribution()
        if not speakers:
            self.consumes = (Word, Transcribed)  # type: ignore[misc]

    async def run(self, inbox: Inbox[Read]) -> AsyncGenerator[Utterance | Mark, None]:
        """Follow each track by itself."""
        tracks: dict[str, _Track] = {}
        async for item in items(inbox):
            if isinstance(item, Mark):
                continue
            track = tracks.setdefault(item.track, _Track(self.rules))
            for utterance in track.take(item):
                yield utterance
        for track in tracks.values():
            for utterance in track.finish():
                yield utterance


class _Track:
    """What is known of one track and not yet settled."""

    def __init__(self, rules: Attribution) -> None:
        self._rules = rules
        self._words: list[Word] = []
        self._stretches: list[list[Word]] = []
        self._turns: list[SpeakerTurn] = []
        self._frontier = 0.0

    def take(self, item: Read) -> list[Utterance]:
        """Take an item and return the utterances that are new or changed."""
        match item:
            case Word():
                self._words.append(item)
            case SpeakerTurn():
                self._turns.append(item)
            case Transcribed():
                return self._heard(item)
            case Diarized():
                self._frontier = max(self._frontier, item.end)
                return self._settle()
        return []

    def finish(self) -> list[Utterance]:
        """Return what was still waiting, with the speakers that are known."""
        self._frontier = float("inf")
        if self._words:
            self._stretches.append(self._words)
            self._words = []
        return self._settle()

    def _heard(self, stretch: Transcribed) -> list[Utterance]:
        words = [word for word in self._words if word.start < stretch.end]
        self._words = [word for word in self._words if word.start >= stretch.end]
        if not words:
            return []
        if max(word.end for word in words) <= self._frontier:
            return attribute(words, self._turns, self._rules)
        self._stretches.append(words)
        return attribute(words, [], self._rules)

    def _settle(self) -> list[Utterance]:
        made: list[Utterance] = []
        waiting: list[list[Word]] = []
        for words in self._stretches:
            if max(word.end for word in words) <= self._frontier:
                made += attribute(words, self._turns, self._rules)
            else:
                waiting.append(words)
        self._stretches = waiting
        oldest = min((words[0].start for words in waiting), default=self._frontier) - TURNS_KEPT_SECONDS
        self._turns = [turn for turn in self._turns if turn.end > oldest]
        return made
