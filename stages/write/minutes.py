"""One meeting and one model -> its summary: parts are noted at once, checked, merged, and finished."""

from collections.abc import Collection, Sequence
from functools import partial

import anyio
import msgspec
import numpy as np

from stages.extract import Extractive
from stages.extract.talk import Talk
from stages.extract.topics import how_many
from stages.summarize import About, SummaryWish
from stages.summary import Point, Summary
from stages.write.asking import CutShort, ask
from stages.write.chat import Chat, ChatAway, ChatError, TooLong
from stages.write.comparing import Comparing
from stages.write.finish import Finished, Item, finish, items_of, without
from stages.write.merge import merged
from stages.write.notes import ENDING, Ending, Notes, notes_schema
from stages.write.parts import Line, written
from stages.write.prompts import ANSWER, SCALE, Briefing
from stages.write.room import Room, read_lines
from stages.write.support import said_by, texts_of
from stages.write.taken import Taken, take
from stages.write.tokens import Tokens

ENGINE = "chat"
TITLE = 0.25
"""Likeness to some item from which a title is about the meeting."""


class Minutes:
    """Writes the minutes of one meeting."""

    def __init__(
        self, chat: Chat, talk: Talk, extractive: Extractive, wish: SummaryWish, about: About, together: int
    ) -> None:
        self._chat, self._talk, self._extractive, self._wish, self._about = chat, talk, extractive, wish, about
        self.tokens = Tokens(chat)
        """What it costs."""
        self.length = wish.length or about.template.length
        """How much is said."""
        self.failures: list[tuple[float, float, str]] = []
        """Parts that the model failed on: from, to (seconds), why."""
        self.comparing = Comparing(talk, extractive.reader, about.slides, wish.language)
        """How its points are compared with what they cite."""
        self._briefing = Briefing(
            template=about.template,
            length=self.length,
            language=wish.language,
            names=about.names,
            glossary=(*about.glossary, *wish.glossary),
            slides=bool(about.slides),
        )
        self._room = Room(chat, self.tokens, ANSWER[self.length])
        self._turns = anyio.CapacityLimiter(max(1, together))
        self._away: ChatAway | None = None

    async def write(self) -> Summary:
        """Return the summary.

        Raises:
            ChatError: the model failed on all of it, or nothing that it wrote was said.
            EngineError: sentences cannot be embedded.
        """
        parts = await self.noted()
        whole = await merged(self._extractive.reader, parts)
        if whole.dropped and not items_of(whole):
            raise ChatError(f"Nothing that {self._chat.name} wrote is said in the meeting: {whole.dropped} dropped.")
        end = await self.finished(whole)
        kept = without(whole, end.taken_back)
        return Summary(
            start=0.0,
            end=max(sentence.end for sentence in self._talk.sentences),
            engine=ENGINE,
            model=self._chat.name,
            template=self._about.template.name,
            length=self.length,
            language=self._wish.language or self.comparing.spoken,
            extractive=False,
            title=end.title,
            overview=" ".join(point.text for point in end.overview),
            overview_evidence=tuple(dict.fromkeys(id for point in end.overview for id in point.evidence)),
            overview_slides=tuple(dict.fromkeys(id for point in end.overview for id in point.slides)),
            topics=tuple(kept.topics),
            decisions=tuple(kept.decisions),
            actions=tuple(kept.actions),
            questions=tuple(kept.questions),
            dropped=kept.dropped,
            compared=self.comparing.worst is not None,
            compared_by=self.comparing.worst,
            why_extractive=self.why(),
        )

    async def noted(self, only: Collection[str] | None = None) -> list[Taken]:
        """Note every part, several at once, in time order; with `only`, of these utterances alone.

        Raises:
            ChatError: the model failed on all of it.
        """
        lines, turns = await anyio.to_thread.run_sync(read_lines, self._talk, self._about.slides)
        if only is not None:
            kept = [number for number, line in enumerate(lines) if line.id in only]
            lines, turns = [lines[number] for number in kept], [at for at, n in enumerate(kept) if n in set(turns)]
        system = self._briefing.part(9)
        first: list[Taken] = []
        await self.tokens.of(system)
        if not self.tokens.is_known:
            # Nobody counts: the first part is cut by the bound, and what it took tells how to cut the rest.
            part = (await self._room.parts(lines, system, turns))[0]
            first = await self._part(lines[part.start : part.stop])
            lines, turns = lines[part.stop :], [turn - part.stop for turn in turns if turn > part.stop]
        parts = await self._room.parts(lines, system, turns) if lines else []
        found: list[list[Taken]] = [[] for _ in parts]

        async def note(number: int) -> None:
            async with self._turns:
                found[number] = await self._part(lines[parts[number].start : parts[number].stop])

        async with anyio.create_task_group() as tasks:
            for number in range(len(parts)):
                tasks.start_soon(note, number)
        noted = [*first, *(taken for each in found for taken in each)]
        if noted and len(self.failures) == len(noted):
            raise ChatError(self.failures[0][2])
        return noted

    async def _part(self, lines: Sequence[Line]) -> list[Taken]:
        """Note a part; what turns out too long is noted in halves, what fails by its sentences."""
        try:
            return [await self._asked(lines)]
        except (TooLong, CutShort) as error:
            if len(lines) > 1:
                half = len(lines) // 2
                return [*await self._part(lines[:half]), *await self._part(lines[half:])]
            return [await self._failed(lines, error)]
        except ChatError as error:
            return [await self._failed(lines, error)]

    async def _asked(self, lines: Sequence[Line]) -> Taken:
        if self._away is not None:
            raise self._away
        seconds = lines[-1].end - lines[0].start
        whole = self._talk.sentences[-1].end - self._talk.sentences[0].start
        topics = max(1, round(how_many(whole) * SCALE[self.length] * seconds / max(1.0, whole)))
        asked = self._briefing.part(topics), written(lines)
        schema = notes_schema(self._about.template.sections)
        try:
            notes = await ask(self._chat, self.tokens, asked, Notes, schema, self._room.answer)
        except ChatAway as error:
            self._away = error
            raise
        taken = take(notes, lines, self._about.names, self._about.day)
        support = self.comparing.support(texts_of(taken))
        return taken if support is None else await support.checked(taken)

    async def _failed(self, lines: Sequence[Line], error: ChatError) -> Taken:
        """Let sentences of the transcript stand for a part."""
        self.failures.append((lines[0].start, lines[-1].end, str(error)))
        ids = {line.id for line in lines}
        places = [at for at, sentence in enumerate(self._talk.sentences) if ids.intersection(sentence.evidence)]
        said = Talk([self._talk.sentences[at] for at in places], self._talk.vectors[places])
        made = await self._extractive.of(said, self._wish, self._about)
        return Taken(
            topics=list(made.topics),
            decisions=list(made.decisions),
            actions=list(made.actions),
            questions=list(made.questions),
        )

    async def finished(self, whole: Taken) -> Finished:
        """Have title and overview written; sentences of the transcript stand for what is not supported."""
        times = {id: sentence.end for sentence in self._talk.sentences for id in sentence.evidence}
        system = self._briefing.end()
        asking = partial(ask, self._chat, self.tokens, kind=Ending, schema=ENDING, most=self._room.answer)
        items = items_of(whole)
        try:
            room = await self._room.beside(system)
            end = await finish(items, self.tokens, room, lambda text: asking(asked=(system, text)), times)
        except ChatError as error:
            self.failures.append((0.0, self._talk.sentences[-1].end, f"Title and overview: {error}"))
            end = Finished(title="", overview=(), taken_back=frozenset())
        end, dropped = await self._grounded(end, items)
        whole.dropped += dropped
        if end.title and end.overview:
            return end
        made = await self._extractive.of(self._talk, self._wish, self._about)
        stands = end.overview or (Point(made.overview, made.overview_evidence),)
        return msgspec.structs.replace(end, title=end.title or made.title, overview=stands)

    async def _grounded(self, end: Finished, items: Sequence[Item]) -> tuple[Finished, int]:
        """Drop sentences of the overview, and a title, that nothing says; count the sentences."""
        if not items:
            return msgspec.structs.replace(end, title=""), 0
        support = self.comparing.support([said_by(point) for point in end.overview])
        if support is None:
            return end, 0
        good = await support.good(end.overview)
        overview = tuple(point for point in good if point is not None)
        kept = msgspec.structs.replace(
            end, title=end.title if await self._fits(end.title, items) else "", overview=overview
        )
        return kept, len(end.overview) - len(overview)

    async def _fits(self, title: str, items: Sequence[Item]) -> bool:
        """Tell whether a title is about some item, as far as vectors can tell."""
        if not title or self.comparing.worst != "meaning":
            return bool(title)
        vectors = await self._extractive.reader.vectors([title, *(f"{item.kind}: {item.text}" for item in items)])
        return float(np.max(vectors[1:] @ vectors[0])) >= TITLE

    def why(self) -> str | None:
        """Say which parts the model failed on."""
        if not self.failures:
            return None
        where = ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end, _ in self.failures[:5])
        more = f" and {len(self.failures) - 5} more" if len(self.failures) > 5 else ""
        return f"Sentences of the transcript stand for {where}{more}: {self.failures[0][2]}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
