"""Sentence and what is said around it -> how much it sounds like the end of a discussion. English only.

A linear score of few signs. What counts most needs no words: whether who leads the meeting says it, and whether it
takes up what others have just said; then how others take it, and only then the words themselves.

Source: Fernandez et al., Modelling and Detecting Decisions in Multi-party Dialogue, 2008 (what is at issue, what
settles it, and who agrees, as parts of one exchange).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

from stages.extract.cues import asks, says
from stages.extract.decision_cues import (
    ADDRESS,
    ALL_RIGHT,
    AMOUNT,
    ASSENT,
    CLOSED,
    CONSENT,
    DECIDED,
    ELLIPTIC,
    FORBID,
    FROM_NOW,
    LETS,
    OBJECT,
    ORDER,
    REASON,
    REFUSAL,
    REMAINS,
    RULE,
    SUPPORT,
    TAKES_ON,
    THAT,
    THEN,
    UNSURE,
    WE_NOW,
    WE_WILL,
)
from stages.extract.english import plain
from stages.extract.sentences import Sentence
from stages.extract.talk import Talk
from stages.extract.task_cues import ASK, PROMISE

FEWEST = 3
"""Speakers from which one of them leads the meeting."""
REACTIONS = 3
"""Utterances in which others agree or object."""
TAKEN_ON_WITHIN = 2
"""Utterances in which somebody sets about it."""
SUPPORT_WITHIN = 3
"""Utterances before it in which others speak for it."""
ECHO_WITHIN = 10
"""Utterances before it that it may take up."""
SAME = 0.8
"""Similarity above which it says the same: what is said again and again is not the surer for it."""

WEIGHTS: Mapping[str, float] = {
    "leads": 2.5,
    "echo": 3.2,
    "sums up": 2.2,
    "decided": 2.1,
    "consent": 1.8,
    "forbids": 1.6,
    "order": 1.4,
    "taken on": 1.4,
    "lets": 1.3,
    "points back": 1.2,
    "verdict": 1.5,
    "agreed": 1.2,
    "then": 1.1,
    "task": -0.9,
    "reason": -0.9,
    "unsure": -0.8,
    "will": 0.7,
    "rule": 0.7,
    "amount": 0.6,
    "asked": -0.5,
    "address": -0.5,
    "objected": -0.4,
    "supported": 0.3,
}
"""Fitted by logistic regression to nine written meetings, each left out in turn to choose the signs; then rounded.
Chosen by hand: "verdict", so that "so we've decided to ..." counts whoever says it, though it cost one mistake there.

Source: `python -m tests.bench.weights`.
"""
LEAST = 6.0
"""Sum of weights from which a sentence is believed."""

_NOT_DECIDED = re.compile(
    r"\b(?:if|whether|until|when|once|have|should) (?:we|it)\b|\b(?:not|n't)\b.*\b(?:agreed|decided|settled)"
)
_BUT = re.compile(r"\bbut\b")


def leader(talk: Talk) -> str | None:
    """Return who speaks most often; None among fewer than three, and where two speak as often."""
    turns = Counter({sentence.utterance: sentence.speaker for sentence in talk.sentences}.values()).most_common()
    return turns[0][0] if len(turns) >= FEWEST and turns[0][1] > turns[1][1] else None


def conclusive(talk: Talk, place: int, lead: str | None, settled: Sequence[int] = ()) -> float:
    """Return how sure it is that a sentence settles something: above 0 it is believed.

    `settled` are earlier sentences that may have been decisions.
    """
    if asks(talk.sentences[place]):
        return -LEAST
    return sum(WEIGHTS[sign] * value for sign, value in signs(talk, place, lead, settled).items()) - LEAST


def signs(talk: Talk, place: int, lead: str | None, settled: Sequence[int] = ()) -> dict[str, float]:
    """Return every sign of a sentence, 0..1. Where nobody leads, everybody may, and one who agrees is enough."""
    sentence = talk.sentences[place]
    around = _around(talk, place, 2 if lead else 1)
    leads = float(lead is None or sentence.speaker == lead)
    return {"leads": leads, "echo": _echo(talk, place, settled)} | _words(sentence.text) | around


def _echo(talk: Talk, place: int, settled: Sequence[int]) -> float:
    """Return how alike a sentence is to what it takes up most: of what others said, or of what may be settled."""
    mine = talk.sentences[place]
    near = talk.before(place, ECHO_WITHIN)
    earlier = [other for other in near if mine.speaker is None or talk.sentences[other].speaker != mine.speaker]
    earlier += [other for other in settled if talk.sentences[other].utterance != mine.utterance]
    best = float((talk.vectors[earlier] @ talk.vectors[place]).max()) if earlier else 0.0
    return min(max(0.0, best), SAME)


def _words(text: str) -> dict[str, float]:
    """Return what the sentence by itself shows."""
    lets = LETS.search(plain(text))
    decided, then = says(DECIDED, text) and not says(_NOT_DECIDED, text), says(THEN, text)
    return {
        "decided": decided,
        "verdict": decided and then,
        "lets": lets is not None,
        "will": says(WE_WILL, text) or says(FROM_NOW, text),
        "sums up": any(says(cue, text) for cue in (WE_NOW, REMAINS, ELLIPTIC)),
        "points back": says(THAT, text),
        "forbids": says(FORBID, text) or says(REFUSAL, text),
        "rule": says(RULE, text),
        "then": then,
        "order": says(ORDER, text),
        "amount": says(AMOUNT, text),
        "unsure": says(UNSURE, text[: lets.start()] if lets else text),
        "reason": says(REASON, text),
        "address": says(ADDRESS, text),
        "task": says(PROMISE, text) or says(ASK, text),
    }


def _around(talk: Talk, place: int, enough: int) -> dict[str, float]:
    """Return what others said before it, and what they answer."""
    mine = talk.sentences[place]
    again = next((at for at in talk.after(place, REACTIONS) if _same_voice(mine, talk.sentences[at])), len(talk))
    replies = [talk.sentences[reply] for reply in talk.replies(place, REACTIONS) if reply < again]
    taken = [talk.sentences[reply] for reply in talk.replies(place, TAKEN_ON_WITHIN)]
    agree = {
        reply.speaker
        for reply in replies
        if says(ASSENT, reply.text) and not asks(reply) and not says(_BUT, reply.text)
    }
    next_ = next(talk.after(place, 0), None)
    return {
        "supported": min(2, _support(talk, place)) / 2,
        "consent": _consent(talk, place),
        "agreed": min(enough, len(agree)) / enough,
        "objected": bool(replies) and says(OBJECT, replies[0].text),
        "taken on": any(says(TAKES_ON, reply.text) and not asks(reply) for reply in taken),
        "asked": (next_ is not None and asks(talk.sentences[next_])) or (bool(taken) and asks(taken[0])),
    }


def _same_voice(mine: Sentence, other: Sentence) -> bool:
    """Tell whether its speaker speaks again: what others agree to then is something else."""
    return mine.speaker is not None and other.speaker == mine.speaker and other.utterance != mine.utterance


def _support(talk: Talk, place: int) -> int:
    """Count the utterances of others, just before, that speak for something."""
    mine = talk.sentences[place].speaker
    before = [talk.sentences[other] for other in talk.before(place, SUPPORT_WITHIN)]
    return len({other.utterance for other in before if other.speaker != mine and says(SUPPORT, other.text)})


def _consent(talk: Talk, place: int) -> bool:
    """Tell whether its speaker asks everybody to agree, or closes it, in the same breath."""
    after = [talk.sentences[later] for later in islice(talk.after(place, 0), 2)]
    before = [talk.sentences[earlier] for earlier in islice(talk.before(place, 0), 2)]
    closes = any(says(CLOSED, later.text) or (asks(later) and says(ALL_RIGHT, later.text)) for later in after)
    return closes or any(says(CONSENT, other.text) for other in (*before, *after))
