"""Utterances -> summary: evidence or nothing."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import date
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.engine import Engine
from stages.evidence import check_evidence
from stages.speech import Mark, Utterance, by_time
from stages.stage import Inbox, Stage, items
from stages.summary import Length, Summary
from stages.template import GENERAL, SECTIONS, Template

EXTRACTIVE = "extractive"
"""Name that asks for sentences of the transcript instead of a language model."""


class Embedder(Engine, Protocol):
    """Turns texts into vectors whose dot product tells how alike the texts are."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of unit length per text. Shape (texts, dimensions)."""


class SummaryWish(msgspec.Struct, frozen=True, kw_only=True):
    """What the user wants of a summary."""

    language: str | None = None
    """ISO 639-1 code of the meeting and its summary; None lets the summariser tell."""
    template: str = "general"
    """Name of the template to follow."""
    length: Length | None = None
    """How much it says; None takes what the template says."""
    model: str | None = None
    """Language model that writes it; None takes the server's, EXTRACTIVE none."""
    glossary: tuple[str, ...] = ()
    """Terms as they are written, each perhaps with `: ` and what it means."""


class SlideText(msgspec.Struct, frozen=True, kw_only=True):
    """What a model that sees read on a slide."""

    id: str
    """Names the slide within the meeting."""
    start: float
    """Seconds from the start of the meeting: when it was first on view."""
    end: float
    """Seconds from the start of the meeting: when it went for the first time."""
    text: str
    """Its title, and what can be read and seen on it."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a meeting beside what was said in it."""

    names: Mapping[str, str] = {}
    """Name by label, where users gave one."""
    day: date | None = None
    """When it was held: relative dates count from there. None if unknown."""
    template: Template = GENERAL
    """How the summary is to be written."""
    glossary: tuple[str, ...] = ()
    """Terms of the house, beside those of the meeting."""
    said: tuple[Utterance, ...] | None = None
    """What was said, in time order, as users corrected it; None where they changed nothing."""
    slides: tuple[SlideText, ...] = ()
    """What was shown, in time order, as far as a model read it: nothing else can be cited."""


class Summarizer(Protocol):
    """Makes a summary of a whole meeting: by choosing sentences, or by a language model."""

    async def summarise(self, utterances: Sequence[Utterance], wish: SummaryWish, about: About) -> Summary:
        """Summarise utterances, which are in time order and may be none.

        Raises:
            EngineError: no summary can be made, with the reason.
        """


class Summarize(Stage[Utterance, Summary]):
    """Waits for the whole meeting, then yields one summary whose every point cites utterances that exist.

    No mark is passed on: a summary rests on everything, so a stage that was interrupted reads the meeting again.
    """

    name = "summarize"
    consumes = (Utterance,)
    produces = (Summary,)

    def __init__(self, summarizer: Summarizer, wish: SummaryWish | None = None) -> None:
        self.summarizer = summarizer
        self.wish = wish or SummaryWish()
        self.about = About()
        """Whoever runs the stage may know more; it makes no earlier summary stale."""

    async def run(self, inbox: Inbox[Utterance]) -> AsyncGenerator[Summary | Mark, None]:
        """Yield the summary of everything that was said."""
        said: dict[str, Utterance] = {}
        async for item in items(inbox):
            if not isinstance(item, Mark):
                # An utterance sent again replaces the first one: its id is the same.
                said[item.id] = item
        utterances = sorted(said.values(), key=by_time) if self.about.said is None else [*self.about.said]
        shown = [slide.id for slide in self.about.slides]
        made = check_evidence(await self.summarizer.summarise(utterances, self.wish, self.about), utterances, shown)
        yield _shaped(made, self.about.template)


def _shaped(summary: Summary, template: Template) -> Summary:
    """Leave out what the template leaves out."""
    left_out = {section: () for section in SECTIONS if section not in template.sections}
    return msgspec.structs.replace(summary, **left_out)
