"""Sentences -> questions that stayed open: asked, and nobody knew, or put off. English only.

Conservative: a question counts as answered unless somebody says that they do not know.
"""

import re
from collections.abc import Iterable

from stages.extract.cues import INTERROGATIVE, asks, says
from stages.extract.quote import quoted
from stages.extract.talk import Found, Talk
from stages.extract.task_cues import ASK, CHAT, NEED

REPLIES = 5
"""Utterances in which an answer, or "I don't know", is looked for."""
PARKED_WITHIN = 7
"""Utterances in which somebody puts the question off."""
ANSWERED = 0.5
"""Similarity from which a reply without a hedge counts as the answer, though somebody else did not know."""
SETTLED_WITHIN = 8
"""Utterances in which a decision ends a question."""
SETTLED = 0.35
"""Similarity from which a decision is about the question."""
ANSWERED_AFTER_ALL = 0.65
"""Similarity from which "I don't know, but ..." counts as the answer."""
EARLY = 3
"""Sentences of a reply that may say that nobody knows: what follows them qualifies an answer."""
WORDS = 5
"""Words that a question has at least."""

_MANNERS = re.compile(
    r"\b(?:can|could) (?:everybody|everyone|you|anybody|we) (?:all |still )?(?:hear|see|start|begin)|\b(?:anything|"
    r"something|anyone|anybody) (?:else|to add)|\bany (?:other )?(?:questions|objections|comments|thoughts|news|"
    r"business)|how (?:are|is) (?:you|everyone|it going|things)|what did i miss|what about you|(?:do|would|"
    r"does) (?:you|anyone|anybody|somebody) (?:want|like|mind|have a (?:minute|second))|shall (?:i|we)|should (?:i|"
    r"we) (?:start|begin|move)|is (?:anybody|anyone|everybody|everyone)|(?:does|do) (?:that|this) make sense|"
    r"what do you (?:think|say|mean)|sound (?:good|ok)|(?:right|okay|ok|yes|no|correct|isn't it|aren't they|"
    r"don't (?:we|you|they)|didn't (?:we|you|they)|wasn't it|won't (?:we|it)|huh|really)\?$|can you see|what's next|"
    r"who(?:'s| is) next|where were we|have we (?:forgotten|covered)|is there anything|do you know what|can i ask|"
    r"could i ask"
)
_UNKNOWN = re.compile(
    r"\b(?:(?:don't|do not|didn't|doesn't) (?:really |actually |honestly |even )?know|no idea|(?:not|"
    r"isn't) (?:really |quite |entirely |yet )?(?:sure|clear|certain)|good (?:question|point)|hard to (?:say|tell)|"
    r"difficult to say|nobody (?:knows|has (?:asked|checked|looked))|(?:i|we)(?:'ll|'d)? (?:have|need|"
    r"want) to (?:check|look (?:into|it|that)|find out|ask|clarify|investigate)|can(?:'t|not) (?:say|tell|remember|"
    r"answer|promise)|couldn't (?:say|tell|find)|to be (?:decided|confirmed|clarified)|open question|"
    r"remains to be seen|(?:is|are|it's) (?:still )?unclear|never (?:saw|heard|found)|(?:haven't|hasn't|"
    r"hadn't) (?:been )?(?:\w+ )?(?:answered|replied|got back|confirmed|decided|checked|heard|looked|found|figured|"
    r"made up|asked|thought|worked)|"
    r"who knows|beats me|your guess|don't take my word|(?:yet|needs?) to (?:find out|be (?:decided|clarified|"
    r"checked))|wish i knew|(?:no|a) clue|that's the question)\b"
)
_PARKED = re.compile(
    r"\b(?:park (?:that|it|this)|come back to (?:it|that|this)|we'll see|wait and see|take (?:it|this|that) offline|"
    r"leave (?:it|that|this) open|(?:not|don't think we(?:'ll)?|won't|can't) (?:be able to )?(?:solve|settle|answer|"
    r"resolve) (?:that|this|it)|let's (?:all )?think about|sleep on it|pick (?:it|that|this) up (?:next|later|again)|"
    r"to be continued|figure (?:it|that) out later)\b"
)
_STATED = re.compile(
    r"\b(?:(?:i|we) (?:just |really |still |honestly )*(?:don't|do not|can't|cannot|couldn't) (?:really |actually |"
    r"yet )?(?:know|tell|say|find out|figure out)(?: yet)?|(?:i'm|i am|we're|we are) (?:still )?not (?:quite |"
    r"really |entirely )?(?:sure|clear|certain)|(?:it's|it is|that's) (?:still )?(?:not clear|unclear|open)|"
    r"(?:nobody|no one) (?:here |really )?(?:knows|seems to know|could tell(?: me| us)?)|"
    r"(?:i|we)(?:'ve| have) no (?:idea|clue)|what (?:i|we) (?:still )?don't know is),? "
    r"(?:whether|if|who|whose|what|when|where|how|why|which|about)\b(?! (?:to say|you mean|that means|it is\b)).*"
)
"""A question put as not knowing."""
_WONDERED = re.compile(
    r"\b(?:(?:the|an|one) (?:open |big )?question is|(?:i|we) (?:do )?wonder),? "
    r"(?:whether|if|who|whose|what|when|where|how|why|which)\b"
)
"""A question put as a statement."""
_ANSWER = re.compile(
    r"^(?:(?:oh|ah|um|uh|well|hmm)[, ]+)*(?:yes|yeah|yep|no|nope|sure|of course|exactly|correct|absolutely|"
    r"definitely|it does|it is|it's|they do|they are|we do|we keep|i did|because|both|neither|about|around|roughly|"
    r"at least|honestly,? i think|at the moment)\b(?!,? (?:idea|clue))"
)
_BUT = re.compile(r",? but \w+")
_AMOUNT = re.compile(
    r"\bhow (?:many|much|long|often|old|far|big|large|high)\b|\bwhat (?:would|does|did|do|will) (?:it|that|this|"
    r"they) cost\b|\bwhen\b"
)
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundred|thousand|million|first|second|third|half|monday|tuesday|wednesday|thursday|"
    r"friday|saturday|sunday|january|february|march|april|june|july|august|september|october|november|december|"
    r"tomorrow|today|yesterday|last \w+|next \w+|ago)\b"
)


def questions(talk: Talk, settled: Iterable[int]) -> list[Found]:
    """Return the questions that stayed open, in time order. `settled` are the sentences that say a decision."""
    decided = list(settled)
    found: list[Found] = []
    for place in range(len(talk)):
        stated = _states(talk, place)
        if stated or _asks(talk, place):
            sign = _sign_of_open(talk, place, stated)
            if sign is not None and not any(_settles(talk, place, decision) for decision in decided):
                question = Found(place, 1.0)
                question.places += [sign] if sign != place else []
                question.text = quoted(talk.sentences[place].text)
                found.append(question)
    return found


def _asks(talk: Talk, place: int) -> bool:
    """Tell whether this is a question about the matter, not about the conversation and not a request."""
    sentence = talk.sentences[place]
    long = len(sentence.text.split()) >= WORDS and len(talk.content[place]) >= 1
    aside = any(says(cue, sentence.text) for cue in (_MANNERS, CHAT, ASK, NEED))
    if says(_WONDERED, sentence.text):
        return long and not asks(sentence)
    return asks(sentence) and long and not aside and says(INTERROGATIVE, sentence.text)


def _states(talk: Talk, place: int) -> bool:
    """Tell whether somebody says what they do not know, unprompted."""
    sentence = talk.sentences[place]
    return not asks(sentence) and len(talk.content[place]) >= 2 and says(_STATED, sentence.text)


def _sign_of_open(talk: Talk, place: int, stated: bool) -> int | None:
    """Return the sentence that shows that nobody knew the answer; None if there is none, or an answer."""
    replies = list(_replies(talk, place))
    unknown = [reply for reply in replies if says(_UNKNOWN, talk.sentences[reply].text)]
    unknown = [reply for reply in unknown if len(list(talk.before(reply, 0))) < EARLY]
    sign = place if stated else unknown[0] if unknown else _parked(talk, place)
    known = [reply for reply in replies if reply not in unknown and _answers(talk, place, reply)]
    known += [reply for reply in unknown if _knows_after_all(talk, place, reply)]
    if sign is None or known:
        return None
    first = talk.sentences[replies[0]].text if replies else ""
    if not stated and says(_ANSWER, first) and not says(_UNKNOWN, first):
        return None
    return sign


def _replies(talk: Talk, place: int) -> list[int]:
    """Return what others say up to the next question about the matter: what they do not know then is something else."""
    replies: list[int] = []
    for reply in talk.replies(place, REPLIES):
        if replies and asks(talk.sentences[reply]) and says(INTERROGATIVE, talk.sentences[reply].text):
            break
        replies.append(reply)
    return replies


def _settles(talk: Talk, place: int, decision: int) -> bool:
    """Tell whether a question came to a decision soon after."""
    later = talk.sentences[decision].utterance - talk.sentences[place].utterance
    return 0 < later <= SETTLED_WITHIN and talk.alike(place, decision) >= SETTLED


def _parked(talk: Talk, place: int) -> int | None:
    return next(
        (later for later in talk.after(place, PARKED_WITHIN) if says(_PARKED, talk.sentences[later].text)), None
    )


def _answers(talk: Talk, place: int, reply: int) -> bool:
    """Tell whether a reply answers: it names the amount asked for, or is close to the question."""
    question, sentence = talk.sentences[place], talk.sentences[reply]
    if asks(sentence):
        return False
    amount = says(_AMOUNT, question.text) and says(_NUMBER, sentence.text)
    return amount or talk.alike(place, reply) >= ANSWERED


def _knows_after_all(talk: Talk, place: int, reply: int) -> bool:
    """Tell whether "I don't know" goes on with an answer."""
    return says(_BUT, talk.sentences[reply].text) and talk.alike(place, reply) >= ANSWERED_AFTER_ALL
