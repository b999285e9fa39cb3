"""Words and speaker turns -> utterances: who said what."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import ClassVar

import msgspec

from stages.speech import Mark, Span, SpeakerTurn, Utterance, Word, by_time
from stages.stage import Inbox, Stage, items
from stages.turns import exclusive


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """How words find their speaker, and where an utterance ends."""

    reach_seconds: float = 0.5
    """A word outside every turn goes to the only speaker within this distance."""
    island_seconds: float = 0.3
    """A lone word between words of one other speaker joins them if the pauses around it are shorter."""
    pause_seconds: float = 1.5
    """A pause of this length ends an utterance."""
    sentence_pause_seconds: float = 0.6
    """A pause of this length ends an utterance after the end of a sentence."""
    longest_seconds: float = 30.0
    """An utterance of this length ends with its sentence."""


class Attribute(Stage[Word | SpeakerTurn, Utterance]):
    """Joins words and turns of a whole recording; what nobody can be named for stays unknown."""

    name: ClassVar[str] = "attribute"
    consumes: ClassVar[tuple[type[Span], ...]] = (Word, SpeakerTurn)
    produces: ClassVar[tuple[type[Span], ...]] = (Utterance,)

    def __init__(self, rules: Attribution | None = None) -> None:
        self.rules = rules or Attribution()

    async def run(self, inbox: Inbox[Word | SpeakerTurn]) -> AsyncGenerator[Utterance | Mark, None]:
        """Gather both, then yield the utterances in time order."""
        words: list[Word] = []
        turns: list[SpeakerTurn] = []
        async for item in items(inbox):
            if isinstance(item, Word):
                words.append(item)
            elif isinstance(item, SpeakerTurn):
                turns.append(item)
        for utterance in attribute(words, turns, self.rules):
            yield utterance


def attribute(words: Iterable[Word], turns: Iterable[SpeakerTurn], rules: Attribution) -> list[Utterance]:
    """Return the utterances that words and turns make, track by track, in time order."""
    heard: dict[str, list[Word]] = {}
    for word in sorted(words, key=by_time):
        heard.setdefault(word.track, []).append(word)
    held: dict[str, list[SpeakerTurn]] = {}
    for turn in sorted(turns, key=by_time):
        held.setdefault(turn.track, []).append(turn)
    made = [u for track, said in heard.items() for u in _utterances(said, held.get(track, []), rules)]
    return sorted(made, key=by_time)


def speakers(words: Sequence[Word], turns: Sequence[SpeakerTurn], rules: Attribution) -> list[str | None]:
    """Name the speaker of each word of one track; None where no turn is near or several are.

    A word belongs to the turn it overlaps most; both come in time order.
    """
    alone = exclusive(turns)
    named: list[str | None] = []
    first = 0
    for word in words:
        while first < len(alone) and alone[first].end < word.start - rules.reach_seconds:
            first += 1
        named.append(_speaker(word, alone, first, rules))
    return _without_islands(words, named, rules)


def _speaker(word: Word, alone: Sequence[SpeakerTurn], first: int, rules: Attribution) -> str | None:
    overlap: dict[str, float] = {}
    near: set[str] = set()
    for at in range(first, len(alone)):
        turn = alone[at]
        if turn.start > word.end + rules.reach_seconds:
            break
        near.add(turn.speaker)
        overlap[turn.speaker] = overlap.get(turn.speaker, 0.0) + word.overlap(turn)
    if not near:
        return None
    best = max(overlap, key=lambda speaker: overlap[speaker])
    if overlap[best] > 0 or len(near) == 1:
        return best
    return None


def _without_islands(words: Sequence[Word], named: Sequence[str | None], rules: Attribution) -> list[str | None]:
    smooth = list(named)
    for at in range(1, len(words) - 1):
        before, after = smooth[at - 1], named[at + 1]
        close = (
            words[at].start - words[at - 1].end < rules.island_seconds
            and words[at + 1].start - words[at].end < rules.island_seconds
        )
        if close and before is not None and before == after:
            smooth[at] = before
    return smooth


def _utterances(words: Sequence[Word], turns: Sequence[SpeakerTurn], rules: Attribution) -> list[Utterance]:
    made: list[Utterance] = []
    named = speakers(words, turns, rules)
    begin = 0
    for at in range(1, len(words) + 1):
        if at == len(words) or named[at] != named[at - 1] or _ends(words[begin:at], words[at], rules):
            said = words[begin:at]
            made.append(Utterance.of(said, named[begin], _others(said, turns, named[begin])))
            begin = at
    return made


def _ends(said: Sequence[Word], following: Word, rules: Attribution) -> bool:
    """Tell whether an utterance ends before the following word of the same speaker."""
    pause = following.start - said[-1].end
    if pause >= rules.pause_seconds:
        return True
    sentence = said[-1].text.rstrip("\"')»”").endswith((".", "?", "!", "…"))
    long = said[-1].end - said[0].start >= rules.longest_seconds
    return sentence and (long or pause >= rules.sentence_pause_seconds)


def _others(said: Sequence[Word], turns: Sequence[SpeakerTurn], speaker: str | None) -> list[str]:
    """Name those who talked over these words, for at least the length of a syllable (0.2 s)."""
    span = Span(start=said[0].start, end=said[-1].end)
    return sorted({turn.speaker for turn in turns if turn.speaker != speaker and turn.overlap(span) >= 0.2})
