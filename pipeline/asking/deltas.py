"""A language model's answer, whole or in chunks -> its text as it comes. The shape is OpenAI's chat completion."""

from collections.abc import AsyncIterator

import msgspec

from pipeline.chat_answer import REFUSALS, TOO_LONG
from pipeline.gateway.attempt import Call
from pipeline.gateway.errors import ProviderDied
from pipeline.gateway.events import Events

LONGEST = 100_000
"""Characters of an answer; who writes more is cut off."""


class _Text(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Text | None = None
    message: _Text | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []


class NotAnswered(Exception):
    """The model refused; the sentence says how."""


class TooMuch(NotAnswered):
    """The model does not read so much at once: ask with less."""


async def texts(call: Call) -> AsyncIterator[str]:
    """Yield what the model writes.

    Raises:
        TooMuch: it does not read so much at once.
        NotAnswered: it answers with an error, or with what is no chat completion.
        ProviderDied, ProviderSilent: it broke off.
    """
    if call.answer.status in REFUSALS and TOO_LONG.search(call.first[:2000].decode(errors="replace")):
        raise TooMuch("The language model does not read as much as one utterance.")
    if call.answer.status != 200:
        raise NotAnswered(f"The language model answers {call.answer.status}.")
    if not call.is_stream:
        yield _text(call.first)
        return
    events, written, block = Events(), 0, call.first
    while block and written < LONGEST:
        for line in events.feed(block).splitlines():
            if line.startswith(b"data:") and line[5:].strip() not in (b"", b"[DONE]"):
                text = _text(line[5:])
                written += len(text)
                yield text
        block = await call.answer.block()
    if not events.is_done and written < LONGEST:
        raise ProviderDied("The language model broke off in the middle of its answer.")


def _text(data: bytes) -> str:
    try:
        chunk = msgspec.json.decode(data, type=_Chunk)
    except msgspec.DecodeError as error:
        raise NotAnswered("The language model answers with what is no chat completion.") from error
    parts = (choice.delta or choice.message for choice in chunk.choices[:1])
    return "".join(part.content or "" for part in parts if part is not None)
