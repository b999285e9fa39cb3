"""Sentences -> what sounds like a decision: somebody settles it, nobody takes it back. English only."""

import re
from itertools import islice

from stages.extract.cues import WITHDRAW, asks, says
from stages.extract.decision_cues import (
    ASSENT,
    CLOSED,
    CONSENT,
    DECIDED,
    ELLIPTIC,
    FORBID,
    FROM_NOW,
    LETS,
    OBJECT,
    OPENER,
    PLEDGE,
    PROPOSE,
    REMAINS,
    REVERSE,
    RULE,
    THAT,
    UNSURE,
    WE_NOW,
    WE_WILL,
)
from stages.extract.english import content, plain
from stages.extract.quote import quoted
from stages.extract.talk import Found, Talk

SURE, LIKELY, POSSIBLE, PROPOSED, DOUBTFUL = 3.0, 2.0, 1.5, 1.0, 0.9
OBJECTION = 1.5
"""What it costs that the first to answer objects."""
BELIEVED = 2.0
"""Score from which a candidate is reported."""
TAKEN_BACK_WITHIN = 6
"""Utterances after a decision in which "scrap that" means it."""
ABOUT_THE_SAME = 0.5
"""Similarity from which a later "after all" speaks of an earlier decision."""
CONTENT_OF_ITS_OWN = 3
"""Words of content from which a sentence says by itself what was decided."""
REACTIONS = 3
"""Utterances in which others agree or object."""


_NOT_DECIDED = re.compile(
    r"\b(?:if|whether|until|when|once|have|should) (?:we|it)\b|\b(?:not|n't)\b.*\b(?:agreed|decided|settled)"
)
_MYSELF = re.compile(r"\b(?:i|i'm|i'll|i'd|i've)\b")
_BUT = re.compile(r"\bbut\b")


def decisions(talk: Talk) -> tuple[list[Found], list[int]]:
    """Return what was decided and still holds at the end, in time order, and the sentences that no longer hold."""
    seen: list[int] = []
    candidates: list[Found] = []
    for place in range(len(talk)):
        withdrawn = says(WITHDRAW, talk.sentences[place].text) and _take_back(talk, candidates, place)
        if not withdrawn and (score := _score(talk, place)):
            _reverse(talk, candidates, place)
            seen.append(place)
            candidates.append(_grounded(talk, Found(place, score)))
    holding = {found.place for found in candidates}
    return [found for found in candidates if found.score >= BELIEVED], [place for place in seen if place not in holding]


def _score(talk: Talk, place: int) -> float:
    """Return how much a sentence, and what follows it, sounds like a decision; 0 if not at all."""
    text = talk.sentences[place].text
    if asks(talk.sentences[place]):
        return 0.0
    score = _said(text)
    if score >= SURE:
        return score
    agree, pledge, objects = _reactions(talk, place)
    if not score and len(talk.content[place]) >= 2 and not says(UNSURE, text) and not says(_MYSELF, text):
        # What a closing word opens and others bind themselves to was decided, whatever its words.
        closes = (says(OPENER, text) and pledge >= 1) or pledge >= 2 or _consent(talk, place)
        score = LIKELY if closes else 0.0
    return score + 0.5 * min(agree, 2) - OBJECTION * objects if score else 0.0


def _said(text: str) -> float:
    """Return how sure the sentence by itself is."""
    if says(DECIDED, text) and not says(_NOT_DECIDED, text):
        return SURE
    lets = LETS.search(plain(text))
    if lets:
        return DOUBTFUL if says(UNSURE, text[: lets.start()]) else LIKELY
    unsure = says(UNSURE, text)
    if any(says(cue, text) for cue in (WE_WILL, WE_NOW, FROM_NOW, REMAINS, ELLIPTIC)):
        return DOUBTFUL if unsure else LIKELY
    if says(FORBID, text) and not unsure:
        return POSSIBLE
    if says(PROPOSE, text) or (says(RULE, text) and not unsure):
        return PROPOSED
    return 0.0


def _reactions(talk: Talk, place: int) -> tuple[int, int, bool]:
    """Return how many others agree, how many bind themselves, and whether the first to speak objects."""
    agree: set[str | None] = set()
    pledge: set[str | None] = set()
    objects = False
    for number, reply in enumerate(talk.replies(place, REACTIONS)):
        sentence = talk.sentences[reply]
        if number == 0 and says(OBJECT, sentence.text):
            objects = True
        elif says(ASSENT, sentence.text) and not asks(sentence) and not says(_BUT, sentence.text):
            agree.add(sentence.speaker)
            if says(PLEDGE, sentence.text):
                pledge.add(sentence.speaker)
    return len(agree), len(pledge), objects


def _consent(talk: Talk, place: int) -> bool:
    """Tell whether its speaker asks everybody to agree, just before or after, or closes it, in the same breath."""
    after = list(islice(talk.after(place, 0), 2))
    if any(says(CLOSED, talk.sentences[later].text) for later in after):
        return True
    near = [*islice(talk.before(place, 0), 2), *after[:1]]
    return any(says(CONSENT, talk.sentences[other].text) for other in near)


def _take_back(talk: Talk, candidates: list[Found], place: int) -> bool:
    """Drop the decision that a withdrawal speaks of: the last one, if it was made just before."""
    if not candidates:
        return False
    last = candidates[-1]
    near = talk.sentences[place].utterance - talk.sentences[last.place].utterance <= TAKEN_BACK_WITHIN
    if near:
        candidates.pop()
    return near


def _reverse(talk: Talk, candidates: list[Found], place: int) -> None:
    """Drop earlier decisions that this one replaces."""
    if says(REVERSE, talk.sentences[place].text):
        candidates[:] = [found for found in candidates if talk.alike(found.place, place) < ABOUT_THE_SAME]


def _grounded(talk: Talk, found: Found) -> Found:
    """Write down what was decided: the sentence, and the one before it where it only points back."""
    place = found.place
    text = talk.sentences[place].text
    if (says(THAT, text) and len(content(text)) < CONTENT_OF_ITS_OWN) or not content(text):
        for earlier in talk.before(place, 2):
            if len(talk.content[earlier]) >= CONTENT_OF_ITS_OWN - 1:
                found.places.append(earlier)
                text = f"{quoted(talk.sentences[earlier].text)} {quoted(text)}"
                break
        else:
            found.score -= LIKELY
    found.text = quoted(text)
    return found
