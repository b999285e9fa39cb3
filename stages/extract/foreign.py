"""Sentences in French, German or Spanish -> what was decided, taken on and left open, by plain cue phrases.

Much less is looked at than for English: a sentence counts by its own words, by an answer that does not know, and by a
word that closes what was said just before it.
"""

import re

from stages.extract.actions import SURE, Task
from stages.extract.english import plain
from stages.extract.foreign_cues import Cues
from stages.extract.quote import quoted
from stages.extract.talk import Found, Talk

REPLIES = 3
"""Utterances in which "I don't know" is looked for."""
FEW = 3
"""Words up to which a sentence says nothing by itself."""
BACK = 1
"""Utterances before a closing word in which the settled thing is looked for."""


def decisions(talk: Talk, cues: Cues) -> list[Found]:
    """Return what sounds decided, in time order."""
    made = []
    for place, sentence in enumerate(talk.sentences):
        if cues.closed.search(plain(sentence.text)):
            made += _closed(talk, cues, place)
        elif _states(talk, cues, place) and _has(cues.decided, talk, place):
            made.append(_found(talk, place))
    return made


def _closed(talk: Talk, cues: Cues, place: int) -> list[Found]:
    """Return what a closing word closes: the last sentence before it that says something."""
    settled = next((at for utterances in (0, BACK) for at in _sayings(talk, place, utterances)), None)
    if settled is None or _has(cues.unsure, talk, settled) or _has(cues.decided, talk, settled):
        return []
    found = _found(talk, settled)
    found.places.append(place)
    return [found]


def _sayings(talk: Talk, place: int, utterances: int) -> list[int]:
    """Return what says something before a place, statements first, then questions, each the nearest first."""
    before = [at for at in talk.before(place, utterances) if _words(talk, at) > FEW]
    return sorted(before, key=lambda at: _asks(talk, at))


def actions(talk: Talk, cues: Cues) -> list[Task]:
    """Return what somebody takes on, in time order."""
    made = []
    for place, sentence in enumerate(talk.sentences):
        when = cues.due.search(plain(sentence.text))
        is_promised = _has(cues.promised, talk, place) or (when is not None and _has(cues.speaker, talk, place))
        if is_promised and _states(talk, cues, place) and not _has(cues.decided, talk, place):
            due = sentence.text[when.start() : when.end()] if when else None
            made.append(Task(place, SURE, quoted(sentence.text), sentence.speaker, due))
    return made


def questions(talk: Talk, cues: Cues) -> list[Found]:
    """Return questions to which somebody says that it is not known, in time order."""
    asked = [place for place in range(len(talk)) if _asks(talk, place) and _words(talk, place) >= FEW]
    made = []
    for number, place in enumerate(asked):
        later = asked[number + 1] if number + 1 < len(asked) else len(talk)
        replies = (reply for reply in talk.replies(place, REPLIES) if reply < later)
        sign = next((reply for reply in replies if _has(cues.unknown, talk, reply)), None)
        if sign is not None:
            found = _found(talk, place)
            found.places.append(sign)
            made.append(found)
    return made


def _states(talk: Talk, cues: Cues, place: int) -> bool:
    """Tell whether a sentence says something for certain."""
    return not _asks(talk, place) and _words(talk, place) > FEW and not _has(cues.unsure, talk, place)


def _asks(talk: Talk, place: int) -> bool:
    return talk.sentences[place].text.rstrip().endswith("?")


def _words(talk: Talk, place: int) -> int:
    return len(talk.sentences[place].text.split())


def _has(cue: re.Pattern[str], talk: Talk, place: int) -> bool:
    return cue.search(plain(talk.sentences[place].text)) is not None


def _found(talk: Talk, place: int) -> Found:
    found = Found(place, 1.0)
    found.text = quoted(talk.sentences[place].text)
    return found
