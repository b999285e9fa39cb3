"""Sentences -> what sounds like a decision: somebody settles it, nobody takes it back. English only."""

from stages.extract.conclusive import conclusive, leader
from stages.extract.cues import WITHDRAW, says
from stages.extract.decision_cues import REVERSE, THAT
from stages.extract.english import content
from stages.extract.quote import quoted
from stages.extract.talk import Found, Talk

POINTS_NOWHERE = 2.0
"""What it costs that a sentence says nothing by itself, and nothing before it does."""
DOUBTED = -3.0
"""Score from which a sentence is remembered: it may be taken back, or taken up."""
TAKEN_BACK_WITHIN = 6
"""Utterances after a decision in which "scrap that" means it."""
ABOUT_THE_SAME = 0.5
"""Similarity from which a later "after all" speaks of an earlier decision."""
CONTENT_OF_ITS_OWN = 3
"""Words of content from which a sentence says by itself what was decided."""
SAID_AGAIN_WITHIN = 2
"""Utterances in which a decision is said again, by its speaker or by who agrees."""
SAID_AGAIN = 0.45
"""Similarity from which it is the same one."""


def decisions(talk: Talk) -> tuple[list[Found], list[int]]:
    """Return what was decided and still holds at the end, in time order, and the sentences that no longer hold."""
    seen: list[int] = []
    candidates: list[Found] = []
    lead = leader(talk)
    for place in range(len(talk)):
        withdrawn = says(WITHDRAW, talk.sentences[place].text) and _take_back(talk, candidates, place)
        score = DOUBTED if withdrawn else conclusive(talk, place, lead, _known(talk, candidates, place))
        if score > DOUBTED:
            _reverse(talk, candidates, place)
            seen.append(place)
            _add(talk, candidates, _grounded(talk, Found(place, score)))
    holding = {place for found in candidates for place in found.places}
    return [found for found in candidates if found.score > 0], [place for place in seen if place not in holding]


def _known(talk: Talk, candidates: list[Found], place: int) -> list[int]:
    """Return the sentences of earlier decisions that this one may take up: doubted ones where it reverses something."""
    reverses = says(REVERSE, talk.sentences[place].text)
    return [found.place for found in candidates if found.score > 0 or reverses]


def _add(talk: Talk, candidates: list[Found], found: Found) -> None:
    """Keep a candidate, or only the surer one of two that say the same in one exchange."""
    last = next((other for other in reversed(candidates) if other.score > 0), None)
    if last is None or found.score <= 0 or not _again(talk, last, found):
        candidates.append(found)
        return
    surer, other = (found, last) if found.score > last.score else (last, found)
    surer.places += [place for place in other.places if place not in surer.places]
    candidates[candidates.index(last)] = surer


def _again(talk: Talk, last: Found, found: Found) -> bool:
    apart = _apart(talk, last, found.place)
    return apart == 0 or (apart <= SAID_AGAIN_WITHIN and talk.alike(last.place, found.place) >= SAID_AGAIN)


def _apart(talk: Talk, found: Found, place: int) -> int:
    """Return the utterances from a candidate to a later sentence."""
    return talk.sentences[place].utterance - talk.sentences[found.place].utterance


def _take_back(talk: Talk, candidates: list[Found], place: int) -> bool:
    """Drop what a withdrawal speaks of: the last decision just before, or what came nearest to one."""
    near = [found for found in candidates if _apart(talk, found, place) <= TAKEN_BACK_WITHIN]
    believed = [found for found in near if found.score > 0]
    if near:
        candidates.remove((believed or near)[-1])
    return bool(near)


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
            found.score -= POINTS_NOWHERE
    found.text = quoted(text)
    return found
