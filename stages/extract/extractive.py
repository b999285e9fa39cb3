"""Utterances -> Summary, from sentence embeddings and cue phrases.

What is decided, promised and left open is read from cues: many in English, a few in French, German and Spanish. In any
other language only the overview and the topics are given, which rest on what sentences have in common.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
import numpy as np
from anyio import to_thread
from numpy.typing import NDArray

from stages.due_date import due_date
from stages.engine import EngineHost
from stages.extract.actions import Task, actions
from stages.extract.central import choose
from stages.extract.decisions import decisions
from stages.extract.foreign import actions as foreign_actions
from stages.extract.foreign import decisions as foreign_decisions
from stages.extract.foreign import questions as foreign_questions
from stages.extract.foreign_cues import CUES
from stages.extract.foreign_due import in_english
from stages.extract.merge import without_doubles
from stages.extract.number_words import number_words
from stages.extract.questions import questions
from stages.extract.quote import quoted
from stages.extract.reader import Reader
from stages.extract.talk import Found, Talk
from stages.extract.titles import candidates, forms_of, named, title
from stages.extract.tongues import small_words, tongue
from stages.extract.topics import Stretch, stretches
from stages.speech import Utterance
from stages.summarize import About, Embedder, SummaryWish
from stages.summary import Action, Length, Point, Summary, Topic

ENGINE = "extractive"
NOTHING = About()

OVERVIEW = 5
"""Sentences of the overview at most."""
KEY_POINTS = 5
"""Points of a topic at most."""
SENTENCES_PER_POINT = 12
"""Sentences of talk that make one key point."""
TITLE_TOPICS = 3
"""Topics that the meeting is named after."""
WITHDRAWN = 2.0
"""What it takes from the merit of a sentence that what it says was taken back: more than any merit."""
SCALE: Mapping[Length, float] = {"short": 0.5, "medium": 1.0, "long": 1.6}
"""Sentences, as a share of those of a medium summary."""
DECIDES = 0.12
"""What it adds to the merit of a sentence that it is a decision, an action or an open question."""


class Extractive:
    """A `Summarizer` that chooses sentences: nothing in its summary was not said."""

    def __init__(self, embedder: EngineHost[Embedder], *, remembers: bool = False) -> None:
        self.reader = Reader(embedder, remembers=remembers)

    async def summarise(self, utterances: Sequence[Utterance], wish: SummaryWish, about: About = NOTHING) -> Summary:
        """Summarise a meeting whose utterances are in time order.

        What takes long is done in a thread: the loop may be carrying the captions of another meeting.

        Raises:
            EngineError: the sentences cannot be embedded.
        """
        return await self.of(await self.reader.talk(utterances), wish, about)

    async def of(self, talk: Talk, wish: SummaryWish, about: About = NOTHING) -> Summary:
        """Summarise a meeting that is read already. Raises EngineError."""
        texts = [sentence.text for sentence in talk.sentences]
        language = await to_thread.run_sync(tongue, texts) or wish.language
        topics = await to_thread.run_sync(stretches, talk) if len(talk) else []
        small = None if language == "en" else small_words(language, texts) | number_words(language, texts)
        terms = await to_thread.run_sync(candidates, talk, topics, small)
        words = sorted({term for weights in terms for term in weights})
        vectors = dict(zip(words, await self.reader.vectors(words), strict=True))
        names = [named(weights, vectors, topic.centre) for weights, topic in zip(terms, topics, strict=True)]
        length = wish.length or about.template.length
        made = await to_thread.run_sync(_summary, talk, topics, names, language, about.day, SCALE[length])
        return msgspec.structs.replace(made, template=wish.template, length=length)


def _summary(
    talk: Talk,
    topics: Sequence[Stretch],
    names: Sequence[list[str]],
    language: str | None,
    day: date | None,
    scale: float,
) -> Summary:
    """Put the parts together."""
    decided, withdrawn = decisions(talk) if language == "en" else ([], [])
    settled, tasks, asked = without_doubles(talk, decided), list[Task](), list[Found]()
    if language == "en":
        tasks = without_doubles(talk, actions(talk))
        asked = without_doubles(talk, questions(talk, [found.place for found in settled]))
    elif language in CUES:
        cues = CUES[language]
        settled = without_doubles(talk, foreign_decisions(talk, cues))
        tasks = without_doubles(talk, foreign_actions(talk, cues))
        asked = without_doubles(talk, foreign_questions(talk, cues))
    forms = forms_of(talk)
    bonus = np.zeros(len(talk), np.float32)
    bonus[[found.place for found in (*settled, *tasks, *asked)]] = DECIDES
    bonus[withdrawn] = -WITHDRAWN
    opening = _opening(talk, topics, bonus, scale)
    return Summary(
        start=0.0,
        end=max((sentence.end for sentence in talk.sentences), default=0.0),
        engine=ENGINE,
        template="general",
        language=language,
        extractive=True,
        title=title(_first(topics, names), forms),
        overview=" ".join(quoted(talk.sentences[place].text) for place in opening),
        overview_evidence=talk.evidence(opening),
        compared=True,
        topics=tuple(
            _topic(talk, topic, title(terms, forms), bonus, scale) for topic, terms in zip(topics, names, strict=True)
        ),
        decisions=tuple(found.point(talk) for found in settled),
        actions=tuple(
            Action(task.text, task.owner, task.due, talk.evidence(task.places), _day(task.due, language, day))
            for task in tasks
        ),
        questions=tuple(found.point(talk) for found in asked),
    )


def _day(due: str | None, language: str | None, day: date | None) -> date | None:
    return due_date(in_english(due, language), day)


def _first(topics: Sequence[Stretch], names: Sequence[list[str]]) -> list[str]:
    """Return what the meeting is named after: what its longest topics are."""
    if len(topics) < 2:
        return [term for terms in names for term in terms]
    longest = sorted(range(len(topics)), key=lambda number: topics[number].first - topics[number].last)[:TITLE_TOPICS]
    return [term for number in sorted(longest) for term in names[number][:1]]


def _opening(talk: Talk, topics: Sequence[Stretch], bonus: NDArray[np.float32], scale: float) -> list[int]:
    """Choose the sentences that stand for the longest topics, in time order."""
    if not topics:
        return []
    minutes = (talk.sentences[-1].end - talk.sentences[0].start) / 60
    wanted = round(scale * min(OVERVIEW, max(3, round(minutes / 5)), max(1, len(talk) // 3)))
    longest = sorted(topics, key=lambda topic: topic.first - topic.last)
    picked: list[int] = []
    while len(picked) < max(1, wanted) and longest:
        added = 0
        for topic in longest[: max(1, wanted) - len(picked)]:
            left = [place for place in range(topic.first, topic.last) if place not in picked]
            best = choose(talk, left, topic.centre, 1, bonus, picked)
            picked += best
            added += len(best)
        if not added:
            break
    return sorted(picked)


def _topic(talk: Talk, topic: Stretch, name: str, bonus: NDArray[np.float32], scale: float) -> Topic:
    """Give a topic its key points: more for a longer one."""
    places = range(topic.first, topic.last)
    count = max(1, round(scale * min(KEY_POINTS, max(1, round(len(places) / SENTENCES_PER_POINT)))))
    chosen = choose(talk, places, topic.centre, count, bonus)
    points = tuple(Point(quoted(talk.sentences[place].text), talk.sentences[place].evidence) for place in chosen)
    return Topic(name, talk.sentences[topic.first].start, max(talk.sentences[place].end for place in places), points)
