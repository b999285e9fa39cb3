"""What was said since the last look -> a running summary that only grows, or corrects itself for all to see."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from stages.extract import Extractive
from stages.extract.quote import quoted
from stages.extract.talk import Talk
from stages.speech import Utterance
from stages.summarize import EXTRACTIVE, About, SummaryWish
from stages.summary import Action, Comparison, Length, Point, Summary, Withdrawn
from stages.write.chat import ChatError, Chats, NoChat
from stages.write.comparing import worst
from stages.write.finish import Finished
from stages.write.merge import merged
from stages.write.minutes import ENGINE, Minutes
from stages.write.taken import Taken

LEAST_WORDS = 60
"""Words since the last look without which there is nothing new to say."""
SHORTER: Mapping[Length, Length] = {"long": "medium", "medium": "short", "short": "short"}
"""How much sentences say of a few minutes: many of them make a meeting."""
OVERVIEW_WORDS, WORDS_A_MINUTE = 60, 2
"""Words of an overview, and how many more after each minute: it only grows, and stays one."""
NOTHING = About()
Kind = Literal["decision", "action", "question"]
LISTS: tuple[tuple[str, Kind], ...] = (("decisions", "decision"), ("actions", "action"), ("questions", "question"))


class Running(Protocol):
    """Keeps a summary of a meeting that goes on."""

    async def extend(self, said: Sequence[Utterance]) -> Summary | None:
        """Take everything said so far, in time order; return the summary, or None where nothing is new.

        Raises:
            EngineError: nothing can be made of it for now.
        """


class RunningSummary:
    """A `Running`: each point that it ever told stands in its next summary, or among what was withdrawn."""

    def __init__(
        self,
        chats: Chats | None,
        extractive: Extractive,
        wish: SummaryWish,
        about: About = NOTHING,
        before: Summary | None = None,
    ) -> None:
        """Go on from the summary that an earlier process told."""
        self._chats, self._extractive, self._wish, self._about = chats, extractive, wish, about
        self._taken = Taken() if before is None else _taken(before)
        self._overview = [Point(before.overview, before.overview_evidence)] if before and before.overview else []
        self._title = before.title if before else ""
        self._withdrawn = list(before.withdrawn) if before else []
        self._until = before.end if before else 0.0
        self._seen: set[str] = set()
        self._model: str | None = None
        self._compared: set[Comparison | None] = {before.compared_by} if before and before.model else set()
        self._why: str | None = None

    async def extend(self, said: Sequence[Utterance]) -> Summary | None:
        """Take what is new; what an utterance said again is no news."""
        new = [each for each in said if each.id not in self._seen and each.end > self._until]
        if sum(len(each.words) for each in new) < LEAST_WORDS:
            return None
        talk = await self._extractive.reader.talk(said)
        until = max(each.end for each in said)
        parts, end = await self._noted(talk, {each.id for each in new})
        whole = await merged(self._extractive.reader, [self._taken, *parts])
        if isinstance(end, Minutes):
            self._settle(whole, await end.finished(whole), until)
            self._compared.add(end.comparing.worst)
        else:
            self._settle(whole, end, until)
        self._seen |= {each.id for each in said}
        return self._summary(until)

    async def _noted(self, talk: Talk, new: set[str]) -> tuple[list[Taken], "Minutes | Finished"]:
        """Note what is new: by the model, else by sentences."""
        if self._chats is not None and self._wish.model != EXTRACTIVE:
            try:
                chat = await self._chats.chat(self._wish.model)
                minutes = Minutes(chat, talk, self._extractive, self._wish, self._about, 1)
                parts = await minutes.noted(new)
                self._model, self._why = chat.name, minutes.why()
            except ChatError as error:
                self._why = None if isinstance(error, NoChat) and not error.wanted else str(error)
            else:
                return parts, minutes
        places = [at for at, sentence in enumerate(talk.sentences) if new.intersection(sentence.evidence)]
        part = Talk([talk.sentences[at] for at in places], talk.vectors[places])
        length = SHORTER[self._wish.length or self._about.template.length]
        made = await self._extractive.of(part, msgspec.structs.replace(self._wish, length=length), self._about)
        opening = tuple(_sentences(part, made))
        gone = await self._taken_back(talk)
        return [_taken(made)], Finished(title=made.title, overview=opening, taken_back=gone)

    async def _taken_back(self, talk: Talk) -> frozenset[tuple[str, int]]:
        """Return decisions that no longer stand when the meeting is read as a whole."""
        if self._model is not None or not self._taken.decisions:
            return frozenset()
        whole = await self._extractive.of(talk, self._wish, self._about)
        standing = {id for point in whole.decisions for id in point.evidence}
        gone = (at for at, point in enumerate(self._taken.decisions) if standing.isdisjoint(point.evidence))
        return frozenset(("decisions", at) for at in gone)

    def _settle(self, whole: Taken, end: Finished, until: float) -> None:
        """Take the new state over, and note whatever was told and stands no more."""
        kept = Taken(topics=whole.topics, dropped=whole.dropped)
        for name, kind in LISTS:
            before: Sequence[Point | Action] = getattr(self._taken, name)
            stands = [each for at, each in enumerate(getattr(whole, name)) if (name, at) not in end.taken_back]
            setattr(kept, name, stands)
            self._withdrawn += [
                Withdrawn(kind, _said(each), each.evidence) for each in before if _is_gone(each, stands)
            ]
        self._taken = kept
        self._extend_overview(end.overview, OVERVIEW_WORDS + WORDS_A_MINUTE * until / 60)
        self._title = self._title or end.title

    def _extend_overview(self, sentences: Sequence[Point], most: float) -> None:
        """Add what rests on something new, while there are fewer words than that."""
        known = {id for point in self._overview for id in point.evidence}
        for sentence in sentences:
            has_room = sum(len(point.text.split()) for point in self._overview) < most
            if has_room and not known.issuperset(sentence.evidence):
                self._overview.append(sentence)

    def _summary(self, until: float) -> Summary:
        taken = self._taken
        return Summary(
            start=0.0,
            end=until,
            engine=ENGINE if self._model else EXTRACTIVE,
            model=self._model,
            template=self._about.template.name,
            length=self._wish.length or self._about.template.length,
            language=self._wish.language,
            extractive=self._model is None,
            title=self._title,
            overview=" ".join(point.text for point in self._overview),
            overview_evidence=_evidence(self._overview),
            topics=tuple(taken.topics),
            decisions=tuple(taken.decisions),
            actions=tuple(taken.actions),
            questions=tuple(taken.questions),
            dropped=taken.dropped,
            compared=self._model is None or worst(self._compared) is not None,
            compared_by=worst(self._compared) if self._model else None,
            why_extractive=self._why,
            withdrawn=tuple(self._withdrawn),
        )


def _sentences(part: Talk, made: Summary) -> Iterable[Point]:
    """Return the sentences that an overview was put together from, in time order."""
    for sentence in part.sentences:
        text = quoted(sentence.text)
        if text in made.overview and set(sentence.evidence) <= set(made.overview_evidence):
            yield Point(text, sentence.evidence)


def _taken(summary: Summary) -> Taken:
    return Taken(
        topics=list(summary.topics),
        decisions=list(summary.decisions),
        actions=list(summary.actions),
        questions=list(summary.questions),
        dropped=summary.dropped,
    )


def _said(point: Point | Action) -> str:
    if isinstance(point, Point):
        return point.text
    return f"{point.task} ({point.due})" if point.due else point.task


def _is_gone(point: Point | Action, stands: Iterable[Point | Action]) -> bool:
    """Tell whether nothing that stands says the same, with all that it rested on."""
    return not any(_said(each) == _said(point) and set(point.evidence) <= set(each.evidence) for each in stands)


def _evidence(points: Iterable[Point]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for point in points for id in point.evidence))
