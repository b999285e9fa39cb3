"""Sentences -> what somebody is to do: promised, asked for and accepted, or needed. English only."""

import re

from stages.extract.cues import WITHDRAW, asks, says
from stages.extract.due import due
from stages.extract.english import content, plain
from stages.extract.names import called, is_name, without_call
from stages.extract.quote import quoted
from stages.extract.talk import Found, Talk
from stages.extract.task_cues import (
    ACCEPT,
    ASK,
    CHAT,
    LEAVE_IT,
    NEED,
    OFFER,
    PLEASE,
    POINTS_BACK,
    PROMISE,
    REFUSE,
    SHALL_I,
    THIRD,
    WELCOME,
    WHO_DOES,
)

SURE, LIKELY, POSSIBLE, UNTAKEN = 3.0, 2.0, 1.5, 0.0
ANSWER_WITHIN = 2
"""Utterances in which a request is taken on or refused."""
VOLUNTEER_WITHIN = 4
"""Utterances in which somebody takes on what nobody was asked for."""
TAKEN_BACK_WITHIN = 3
"""Utterances after a promise in which "forget that" means it."""
ALIKE = 0.35
"""Similarity from which a promise speaks of what was just asked for."""
ASIDE = 9
"""Words of a sentence that may do no more than add a date to the one before."""

_HALF_HEARTED = re.compile(r"\bbut (?:not|i'm|only|i)\b|\bif\b|\bnot before\b")
_CONDITIONAL = re.compile(r"^(?:\w+[, ]+)?if\b|\bi (?:said|thought|told)\b.*\bi (?:will|would)\b|\bor i'll\b")
_COULD = re.compile(r"\bi (?:could|can|should)\b")
_GLAD = re.compile(r"\b(?:please|would be|that'd be|thank|thanks|brilliant|perfect|excellent|wonderful|super)\b")


class Task(Found):
    """An action in the making."""

    def __init__(self, place: int, score: float, task: str, owner: str | None, when: str | None) -> None:
        super().__init__(place, score)
        self.text = task
        self.owner = owner
        """Speaker label, or name as said."""
        self.due = when
        """As said."""
        self.open = False
        """Whether it was asked for or needed, so that somebody may still take it on."""


def actions(talk: Talk) -> list[Task]:
    """Return what is to be done and was not taken back, in time order."""
    tasks: list[Task] = []
    for place, sentence in enumerate(talk.sentences):
        if says(WITHDRAW, sentence.text) and tasks and _near(talk, tasks[-1], place, TAKEN_BACK_WITHIN):
            tasks.pop()
            continue
        task = _asked(talk, place) or _offered(talk, place) or _promised(talk, place, tasks) or _needed(talk, place)
        if task is not None:
            tasks.append(task)
    return [task for task in tasks if task.score > UNTAKEN]


def _asked(talk: Talk, place: int) -> Task | None:
    """Read a request to somebody: called by name, or whoever says yes."""
    text = talk.sentences[place].text
    third = THIRD.search(plain(text))
    named = third is not None and is_name(text[third.start("name") : third.end("name")])
    match = third if named else ASK.search(plain(text))
    if match is None or says(CHAT, text) or not content(match["task"]):
        return None
    name = text[third.start("name") : third.end("name")] if third and named else called(text)
    answer = _answer(talk, place)
    refused = answer is not None and says(REFUSE, talk.sentences[answer].text)
    heard = name or answer is not None or due(text) or says(PLEASE, text)
    if refused or not heard:
        return None
    owner = name or (talk.sentences[answer].speaker if answer is not None else None)
    task = Task(place, SURE if name else LIKELY, _shown(text, match), owner, due(text))
    task.open = True
    if answer is not None:
        task.places.append(answer)
        task.due = task.due or due(talk.sentences[answer].text)
    return task


def _promised(talk: Talk, place: int, tasks: list[Task]) -> Task | None:
    """Read a promise; one that answers a request completes that request instead."""
    sentence = talk.sentences[place]
    taken = says(LEAVE_IT, sentence.text)
    promise = PROMISE.search(plain(sentence.text))
    match = promise or OFFER.search(plain(sentence.text))
    if not (taken or match) or asks(sentence) or says(_CONDITIONAL, sentence.text):
        return None
    request = _request_before(talk, place, tasks, taken)
    if request is not None:
        _complete(talk, request, place)
        return None
    if match is None or not talk.content[place] or not (promise or _believed(talk, place)):
        return None
    # "I have that phone at home, I can bring it in": what is meant stands before the promise.
    task = _shown(sentence.text, match) if content(_said(match)) else quoted(sentence.text)
    when = _due_near(talk, place, match.start())
    return Task(place, SURE if promise else LIKELY, task, sentence.speaker, when)


def _offered(talk: Talk, place: int) -> Task | None:
    """Read "shall I ...?" that somebody welcomes."""
    sentence = talk.sentences[place]
    match = SHALL_I.search(plain(sentence.text))
    answer = next(talk.replies(place, 1), None)
    if match is None or answer is None or not content(_said(match)):
        return None
    reply = talk.sentences[answer].text
    if says(REFUSE, reply) or not (says(WELCOME, reply) or says(ACCEPT, reply)):
        return None
    when = due(sentence.text) or due(reply)
    task = Task(place, LIKELY, _shown(sentence.text, match), sentence.speaker, when)
    task.places.append(answer)
    return task


def _needed(talk: Talk, place: int) -> Task | None:
    """Read something that has to be done, by nobody yet."""
    text = talk.sentences[place].text
    need = NEED.search(plain(text))
    match = need or WHO_DOES.search(plain(text))
    if match is None or says(CHAT, text) or not content(match["task"]):
        return None
    task = Task(place, POSSIBLE if need else UNTAKEN, _shown(text, match), None, due(text))
    task.open = True
    return task


def _request_before(talk: Talk, place: int, tasks: list[Task], taken: bool) -> Task | None:
    """Return the request that a promise answers: just made by somebody else, and about the same."""
    sentence = talk.sentences[place]
    for task in reversed(tasks):
        if not _near(talk, task, place, VOLUNTEER_WITHIN):
            return None
        asker = talk.sentences[task.place]
        mine = task.owner is None or task.owner == sentence.speaker or not is_label(task.owner)
        if not task.open or not mine or asker.speaker == sentence.speaker:
            continue
        at_once = place in list(talk.replies(task.place, 1))
        back = taken or says(POINTS_BACK, sentence.text) or len(talk.content[place]) < 2
        if at_once or back or talk.alike(task.place, place) >= ALIKE:
            return task
    return None


def _complete(talk: Talk, task: Task, place: int) -> None:
    """Add a promise to the request that it answers."""
    sentence = talk.sentences[place]
    task.places.append(place)
    task.owner = task.owner or sentence.speaker
    task.due = task.due or due(sentence.text)
    task.score = SURE


def _believed(talk: Talk, place: int) -> bool:
    """Tell whether an offer is meant: a date is named, or somebody welcomes it."""
    text = talk.sentences[place].text
    if says(_HALF_HEARTED, text):
        return False
    if _due_near(talk, place, 0):
        return True
    reply = next(talk.replies(place, 1), None)
    if reply is None:
        return False
    welcome = talk.sentences[reply].text
    return says(_GLAD, welcome) if says(_COULD, text) else says(WELCOME, welcome)


def _answer(talk: Talk, place: int) -> int | None:
    """Return the sentence of somebody else that takes on or refuses what is asked."""
    for reply in talk.replies(place, ANSWER_WITHIN):
        text = talk.sentences[reply].text
        if any(says(cue, text) for cue in (REFUSE, ACCEPT, LEAVE_IT)):
            return reply
    return None


def _due_near(talk: Talk, place: int, begin: int) -> str | None:
    """Return the date in a sentence from `begin` on, before it, or in what its speaker adds."""
    text = talk.sentences[place].text
    found = due(text[begin:]) or due(text[:begin], clauses=False)
    following = next(talk.after(place, 0), None)
    if found is None and following is not None and len(talk.sentences[following].text.split()) <= ASIDE:
        return due(talk.sentences[following].text)
    return found


def _shown(text: str, match: re.Match[str]) -> str:
    """Return what is to be done, as it was said."""
    begin = match.start(str(match.lastgroup))
    return quoted(without_call(text[begin:].strip()))


def _said(match: re.Match[str]) -> str:
    return match[str(match.lastgroup)]


def _near(talk: Talk, task: Task, place: int, utterances: int) -> bool:
    return talk.sentences[place].utterance - talk.sentences[max(task.places)].utterance <= utterances


def is_label(owner: str) -> bool:
    """Tell whether an owner is a speaker's label, not a name that was said."""
    return re.fullmatch(r"S\d+", owner) is not None
