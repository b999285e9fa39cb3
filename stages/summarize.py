"""Utterances -> summary: evidence or nothing."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.engine import Engine
from stages.evidence import check_evidence
from stages.speech import Length, Mark, Summary, Utterance, by_time
from stages.stage import Inbox, Stage, items

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


class Summarizer(Protocol):
    """Makes a summary of a whole meeting: by choosing sentences, or by a language model."""

    async def summarise(self, utterances: Sequence[Utterance], wish: SummaryWish) -> Summary:
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

    async def run(self, inbox: Inbox[Utterance]) -> AsyncGenerator[Summary | Mark, None]:
        """Yield the summary of everything that was said."""
        said: dict[str, Utterance] = {}
        async for item in items(inbox):
            if not isinstance(item, Mark):
                # An utterance sent again replaces the first one: its id is the same.
                said[item.id] = item
        utterances = sorted(said.values(), key=by_time)
        yield check_evidence(await self.summarizer.summarise(utterances, self.wish), utterances)
