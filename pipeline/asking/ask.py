"""Questions about one meeting or all of them -> answers that rest on what was said, or the word that it was not."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

import anyio

from pipeline.asking.answer import Begun, Ended, Event, Sentence, Told
from pipeline.asking.find import Found, find
from pipeline.asking.passage import SLIDE, Citation, Passage, Said
from pipeline.asking.vectors import TextVectors
from pipeline.asking.write import Unwritten, Writer
from pipeline.engine_pool import EnginePool
from pipeline.gateway.record import Payer
from pipeline.gateway.switchboard import Switchboard
from pipeline.slides import Slide, slides
from pipeline.view import view
from storage.records import Records
from storage.rows import MeetingRow, SearchRow
from storage.store import Store

FITS = 0.43
"""From so good a fit on, the question was answered in what was said. Chosen on half the questions of tests/bench."""
HOPELESS = 0.8 * FITS
"""Below this no model is asked: it reads better than our measure, but not where nothing is."""
QUOTES = 3
"""Passages that are quoted where no model writes."""
CLOSE = 0.85
"""A passage is quoted if it fits at least so well as the best one, as a share."""
NEWEST = 200
"""Meetings that a question about all is put to: the newest ones."""
TOGETHER = 8
"""Meetings that are read at once."""
NO_MODEL = "extractive"
"""Name that stands for no model."""


class Ask:
    """Answers questions; each call sees the meetings of one owner, or with `owner=None` everybody's."""

    def __init__(
        self, store: Store, records: Records, pool: EnginePool, board: Switchboard, model: str | None = None
    ) -> None:
        """`model` writes answers where a question names none; None takes the first that writes."""
        self._store, self._records, self._board, self._model = store, records, board, model
        self.vectors = TextVectors(store, pool)
        """Vectors of what was said, kept with each meeting."""

    async def one(
        self, id: str, owner: str | None, question: str, *, model: str | None = None, caller: Payer | None = None
    ) -> AsyncGenerator[Event, None]:
        """Answer a question about one meeting, which may still go on.

        Raises:
            NoRecord: there is no such meeting.
            EngineError: nothing can be embedded.
        """
        row = await self._records.meeting(id, owner)
        async for event in self._answer(question, [await self._said(row)], model, caller):
            yield event

    async def all(
        self, owner: str | None, question: str, *, model: str | None = None, caller: Payer | None = None
    ) -> AsyncGenerator[Event, None]:
        """Answer a question about the newest meetings of an owner. Raises like `one`."""
        page = await self._records.meetings(owner, limit=NEWEST)
        said = await self._said_in(page.items)
        async for event in self._answer(question, said, model, caller):
            yield event

    async def _said_in(self, rows: Sequence[MeetingRow]) -> list[Said]:
        found: dict[str, Said] = {}
        together = anyio.CapacityLimiter(TOGETHER)

        async def look(row: MeetingRow) -> None:
            async with together:
                found[row.id] = await self._said(row)

        async with anyio.create_task_group() as tasks:
            for row in rows:
                tasks.start_soon(look, row)
        return [found[row.id] for row in rows]

    async def _said(self, row: MeetingRow) -> Said:
        seen = await view(self._store, self._records, row)
        shown = [_row(slide) for slide in await slides(self._store, row.id) if slide.title is not None]
        rows = sorted([*seen.to_find, *shown], key=lambda each: each.start)
        return Said(meeting=row.id, title=row.title, rows=rows, names=dict(seen.overlays.names))

    async def _answer(
        self, question: str, meetings: list[Said], model: str | None, caller: Payer | None
    ) -> AsyncIterator[Event]:
        found = await find(question, meetings, self.vectors)
        yield Begun(passages=found.passages)
        chosen = model or self._model
        writer = Writer(self._board, self.vectors, caller, "/api/ask")
        why: str | None = None
        told = 0
        if chosen != NO_MODEL and found.fits >= HOPELESS:
            try:
                async with aclosing(writer.write(question, found.passages, chosen)) as written:
                    async for sentence in written:
                        told += 1
                        yield Told(sentence=sentence)
            except Unwritten as error:
                why = str(error)
        if told or (why is None and writer.model is not None):
            yield _end(writer, said=told > 0, why=why)
            return
        for quote in _quotes(found):
            yield Told(sentence=quote)
        is_said = found.fits >= FITS
        yield Ended(said=is_said, model=None, extractive=True, dropped=writer.dropped, why_extractive=why)


def _end(writer: Writer, *, said: bool, why: str | None) -> Ended:
    return Ended(said=said, model=writer.model, extractive=False, dropped=writer.dropped, why_extractive=why)


def _row(slide: Slide) -> SearchRow:
    """Show what a model read on a slide as something that was said, by nobody."""
    text = f"On the slide: {slide.title}. {slide.text}"
    return SearchRow(utterance=f"{SLIDE}{slide.id}", start=slide.start, end=slide.end, speaker=None, text=text)


def _quotes(found: Found) -> list[Sentence]:
    """Return what fits well enough to stand for an answer, as it was said."""
    if found.fits < FITS:
        return []
    good = [passage for passage in found.passages if passage.score >= CLOSE * found.fits][:QUOTES]
    return [Sentence(text=line.text, citations=(line,)) for each in good for line in _quoted(each)]


def _quoted(passage: Passage) -> Sequence[Citation]:
    """Return the line of a passage that fits best; where that is a question, the answer behind it too."""
    is_question = passage.lines[passage.best].text.rstrip(' "”»)').endswith(("?", "？"))
    return passage.lines[passage.best : passage.best + (2 if is_question else 1)]
