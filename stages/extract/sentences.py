"""Utterances -> sentences: the unit that is compared, chosen and quoted.

Speech recognition leaves full stops out, and a turn may be cut in the middle of a sentence. Where a stretch has no
punctuation, it is cut at pauses and where English clauses begin; a sentence that runs on in the next utterance of the
same speaker is joined, and rests on both.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from stages.extract.english import plain
from stages.speech import Utterance, Word

PAUSE_SECONDS = 0.7
"""A silence inside a turn that ends a sentence where punctuation is missing."""
JOIN_SECONDS = 1.5
"""Longest silence over which a sentence runs on into the next utterance."""
LONG = 16
"""Words from which a stretch without punctuation is searched for the start of a clause."""
SHORTEST = 4
"""Words that a clause found in this way has at least."""
LONGEST = 45
"""Words after which a sentence is cut wherever it is."""

_END = re.compile(r"[.!?…]+[\"')\]]*$|[。!?]$")
_ABBREVIATION = re.compile(r"^(?:mr|mrs|ms|dr|prof|st|vs|etc|approx|no|e\.g|i\.e|[a-z])\.$", re.IGNORECASE)
_QUESTION_START = r"(?:do|does|did|can|could|would|should|shall|will|is|are|was|were|have|has)"
_SUBJECT = r"(?:i|we|you|he|she|it|they|that|this|there|the|anybody|anyone|somebody|someone)"
_CLAUSE = re.compile(
    rf"^(?:{_QUESTION_START} {_SUBJECT}\b"
    r"|(?:i'll|i'm|i've|i'd|we'll|we're|we've|we'd|let's|it's|that's|there's|they're|they'll|you'll)\b|(?:i|we|they|"
    r"you) (?:\w+ )?(?:will|would|can|can't|could|should|have|had|did|do|don't|think|need|want|know|was|were|said)\b|"
    r"(?:so|but|because|okay|ok|well|yes|yeah|no|alright|then|and then|and|which|what|how|when|where|why) "
    rf"(?:{_SUBJECT}|{_QUESTION_START}|i'll|i'm|we'll|we're|let's|it's|that's|there's|they're)\b"
    r"|(?:perfect|great|thanks|thank you|please|by the way)\b)"
)
_LEADING = re.compile(
    r"^(?:because|and|but|so|who|what|how|when|where|why|which|if|that|whether|then|what's|or|as|than|to|until|"
    r"before|after|while|since|unless|not|n't|don't|think|thinks|thought|know|knows|knew|say|says|said|hope|guess|"
    r"believe|sure|afraid|told|tell|mean|wish|see|doubt|suppose|assume|wonder|remember|feel|heard|agreed|decided|"
    r"like|of|for|with|about|in|on|at|by|from|the|a|every|all|everything|anything|something|nothing|person|people|"
    r"one|ones|time|way|thing|things|as|maybe|perhaps|never)$"
)
"""Words that a clause does not end with: a cut behind "I don't think" would turn the meaning round."""


class Sentence(msgspec.Struct, frozen=True):
    """Something one speaker said, and where."""

    text: str
    """As said."""
    speaker: str | None
    """Label within the meeting; None where unknown."""
    start: float
    """Seconds from the start of the meeting."""
    end: float
    """Seconds from the start of the meeting."""
    evidence: tuple[str, ...]
    """Ids of the utterances it lies in: one, or two where it runs on."""
    utterance: int
    """Number of its (first) utterance in time order."""
    closed: bool
    """Whether it ends with punctuation."""


def sentences(utterances: Sequence[Utterance]) -> list[Sentence]:
    """Cut utterances, in time order, into sentences."""
    found: list[Sentence] = []
    for number, utterance in enumerate(utterances):
        for words in _cut(utterance.words):
            sentence = _sentence(words, utterance, number)
            if found and words[0] is utterance.words[0] and _runs_on(found[-1], sentence):
                found[-1] = _joined(found[-1], sentence)
            else:
                found.append(sentence)
    return found


def _sentence(words: Sequence[Word], utterance: Utterance, number: int) -> Sentence:
    return Sentence(
        text=" ".join(word.text for word in words),
        speaker=utterance.speaker,
        start=words[0].start,
        end=words[-1].end,
        evidence=(utterance.id,),
        utterance=number,
        closed=_ends(words[-1].text),
    )


def _ends(word: str) -> bool:
    return bool(_END.search(word)) and not _ABBREVIATION.match(word)


def _runs_on(before: Sentence, after: Sentence) -> bool:
    return (
        not before.closed
        and before.speaker == after.speaker
        and after.start - before.end <= JOIN_SECONDS
        and after.text[:1].islower()
        and len(before.text.split()) + len(after.text.split()) <= LONGEST
    )


def _joined(before: Sentence, after: Sentence) -> Sentence:
    return msgspec.structs.replace(
        before,
        text=f"{before.text} {after.text}",
        end=after.end,
        evidence=tuple(dict.fromkeys(before.evidence + after.evidence)),
        closed=after.closed,
    )


def _cut(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Cut at punctuation, then what stayed long at pauses and at the start of clauses."""
    begin = 0
    for place, word in enumerate(words, 1):
        if _ends(word.text) or place == len(words):
            yield from _cut_long(words[begin:place])
            begin = place


def _cut_long(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    if len(words) < LONG or _commas(words):
        yield from _cut_longest(words)
        return
    begin = 0
    for place in range(1, len(words)):
        if place - begin >= SHORTEST and len(words) - place >= SHORTEST and _begins(words, place):
            yield from _cut_longest(words[begin:place])
            begin = place
    yield from _cut_longest(words[begin:])


def _commas(words: Sequence[Word]) -> bool:
    """Tell whether somebody put punctuation here, so that the sentence is long because it was meant to be."""
    return _ends(words[-1].text) and len(words) < LONGEST


def _cut_longest(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Halve what nobody would quote, at its longest pause or at a comma near the middle."""
    if len(words) <= LONGEST:
        yield words
        return
    quarter = len(words) // 4

    def merit(place: int) -> tuple[float, bool, int]:
        pause = words[place].start - words[place - 1].end
        return round(pause, 1), words[place - 1].text.endswith((",", ";", ":")), -abs(place - len(words) // 2)

    middle = max(range(quarter, len(words) - quarter), key=merit)
    yield from _cut_longest(words[:middle])
    yield from _cut_longest(words[middle:])


def _begins(words: Sequence[Word], place: int) -> bool:
    """Tell whether a clause begins here, as far as pauses and first words show."""
    if words[place].start - words[place - 1].end >= PAUSE_SECONDS:
        return True
    before = plain(words[place - 1].text)
    after = plain(" ".join(word.text for word in words[place : place + 3]))
    return bool(_CLAUSE.match(after)) and not _LEADING.match(before)
