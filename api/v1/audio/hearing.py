"""A recording that is being heard -> an answer: in one piece, or as events while it is heard."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

import msgspec

from api.v1.audio.asked import AudioAsked
from api.v1.audio.formats import written
from api.v1.audio.said import Said, logprob
from api.v1.relay import error_event
from pipeline.gateway.answer import Made
from pipeline.gateway.errors import BadBody
from pipeline.spoken_in import most_spoken
from pipeline.transcription import Transcription
from stages.engine_errors import EngineError
from stages.media_errors import MediaError, TooMuch
from stages.speech import Span, Word

EVENTS = "text/event-stream"
Names = Callable[[Said], Awaitable[Mapping[str, str]]]
"""Finds out which speakers are known."""


class Hearing:
    """One recording on its way to an answer; whoever has it closes it."""

    def __init__(self, transcription: Transcription, asked: AudioAsked, language: str | None, names: Names) -> None:
        self._transcription, self._asked, self._language, self._names = transcription, asked, language, names
        self._said = Said()

    async def whole(self) -> Made:
        """Hear all of it.

        Raises:
            BadBody: the file cannot be decoded, or the engine cannot tell what was asked for.
            EngineError: nothing came of it.
        """
        try:
            async for item in self._items():
                self._said.take(item)
            await self._finish()
        finally:
            self._transcription.close()
        body, media_type = written(self._said, self._asked, self._language or most_spoken(self._said.words))
        return Made(body, media_type=media_type)

    def streamed(self) -> "Streamed":
        """Return an answer whose blocks come while it is heard."""
        return Streamed(self._events(), self._transcription)

    async def _events(self) -> AsyncGenerator[bytes, None]:
        has_begun = False
        try:
            async for item in self._items():
                self._said.take(item)
                if isinstance(item, Word):
                    yield self._delta(item)
                    has_begun = True
            await self._finish()
        except Exception as error:
            if not has_begun:
                raise
            yield error_event(error)
            return
        if self._asked.speakers:
            for segment in self._said.diarized():
                yield _event(segment)
        yield self._done()

    async def _items(self) -> AsyncIterator[Span]:
        try:
            async for item in self._transcription.items():
                yield item
        except TooMuch:
            raise
        except MediaError as error:
            raise BadBody(str(error), "file") from error

    async def _finish(self) -> None:
        said = self._said
        said.seconds = self._transcription.seconds
        failed = [gap for gap in said.gaps if gap.stage in ("detect_speech", "transcribe")]
        if failed and not said.words:
            raise EngineError(f"Nothing came of this recording: {failed[0].reason}")
        if self._asked.logprobs and said.words and all(word.confidence is None for word in said.words):
            raise BadBody("This model does not tell how probable its words are.", "include")
        said.names = await self._names(said)

    def _delta(self, word: Word) -> bytes:
        is_first = len(self._said.words) == 1
        told: dict[str, Any] = {"type": "transcript.text.delta", "delta": word.text if is_first else f" {word.text}"}
        if self._asked.logprobs:
            told["logprobs"] = [logprob(word, first=is_first)]
        return _event(told)

    def _done(self) -> bytes:
        """Return the last event. OpenAI's `usage` knows tokens alone here, so the length has a name of its own."""
        said = self._said
        told: dict[str, Any] = {"type": "transcript.text.done", "text": " ".join(word.text for word in said.words)}
        told |= {"duration": round(said.seconds, 3), **said.told_gaps()}
        if self._asked.logprobs:
            told["logprobs"] = [logprob(word, first=not number) for number, word in enumerate(said.words)]
        return _event(told)


class Streamed:
    """An `Answer` that is made while it is read."""

    status, media_type, retry_after = 200, EVENTS, None

    def __init__(self, events: AsyncGenerator[bytes, None], transcription: Transcription) -> None:
        self._events, self._transcription = events, transcription

    async def read(self) -> bytes:
        """Return everything."""
        async with aclosing(self._events):
            return b"".join([event async for event in self._events])

    async def block(self) -> bytes:
        """Return the next event; empty at the end."""
        return await anext(self._events, b"")

    def close(self) -> None:
        """Stop hearing."""
        self._transcription.close()


def _event(told: Mapping[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(told) + b"\n\n"
