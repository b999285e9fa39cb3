"""Utterances -> Summary, written by a language model; where it fails, sentences of the transcript stand, and why."""

from collections.abc import Sequence

import msgspec

from stages.engine import EngineHost
from stages.extract import Extractive
from stages.speech import Utterance
from stages.summarize import EXTRACTIVE, About, Embedder, SummaryWish
from stages.summary import Summary
from stages.write.chat import ChatError, Chats, NoChat
from stages.write.minutes import Minutes

TOGETHER = 4
"""Parts that a model is asked for at once."""
NOTHING = About()


class Writer:
    """A `Summarizer` that needs nothing but a chat model with JSON output."""

    def __init__(self, chats: Chats, embedder: EngineHost[Embedder], together: int = TOGETHER) -> None:
        self._chats, self._together = chats, together
        self._extractive = Extractive(embedder)

    async def summarise(self, utterances: Sequence[Utterance], wish: SummaryWish, about: About = NOTHING) -> Summary:
        """Summarise a meeting whose utterances are in time order.

        Raises:
            EngineError: the sentences cannot be embedded.
        """
        talk = await self._extractive.reader.talk(utterances)
        if not len(talk) or wish.model == EXTRACTIVE:
            return await self._extractive.of(talk, wish, about)
        try:
            chat = await self._chats.chat(wish.model)
            return await Minutes(chat, talk, self._extractive, wish, about, self._together).write()
        except ChatError as error:
            why = None if isinstance(error, NoChat) and not error.wanted else str(error)
            made = await self._extractive.of(talk, wish, about)
            return msgspec.structs.replace(made, why_extractive=why)
