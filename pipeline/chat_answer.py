"""An answer of a provider under way -> the reply of a model, or what went wrong."""

import re

import msgspec

from pipeline.gateway.attempt import Call
from stages.write.chat import ChatAway, ChatError, Reply, TooLong

LONGEST = 4 * 2**20
"""Bytes of an answer: whatever is longer is no summary."""
TOO_LONG = re.compile(r"context.{0,20}(?:length|size|window)|too (?:long|many tokens)|exceed", re.IGNORECASE)
"""How servers say that a model does not read so much."""
REFUSALS = (400, 413, 422, 500)
"""What they answer then."""
_WINDOW = re.compile(r'(?:context (?:length|window) (?:is|of)|n_ctx"?:?) ?(\d+)')


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Event(msgspec.Struct):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: msgspec.Raw | None = None


async def answer_of(call: Call, model: str) -> Reply:
    """Read an answer to its end, streamed or not.

    Raises:
        TooLong: the model does not read so much.
        ChatAway: the answer broke off.
        ChatError: the provider refuses.
    """
    if call.answer.status != 200:
        raise _refused(call.first, model, call.answer.status)
    if not call.is_stream:
        return _Gathered(model).end(call.first)
    gathered, held, block = _Gathered(model), b"", call.first
    while block:
        *lines, held = (held + block).split(b"\n")
        for line in lines:
            gathered.line(line)
        block = await call.answer.block()
    gathered.line(held)
    return gathered.reply()


class _Gathered:
    """What came of an answer so far."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._parts: list[str] = []
        self._size = 0
        self._reason: str | None = None
        self._usage = _Usage()

    def line(self, line: bytes) -> None:
        """Take a line of a stream."""
        data = line.strip().removeprefix(b"data:").strip()
        if line.strip().startswith(b"data:") and data != b"[DONE]":
            self._take(data)

    def end(self, body: bytes) -> Reply:
        """Take an answer that came in one piece."""
        self._take(body)
        return self.reply()

    def reply(self) -> Reply:
        """Return the reply; raises ChatAway if it broke off."""
        if self._reason is None:
            raise ChatAway(f"The answer of {self._model} broke off.")
        return Reply(
            text="".join(self._parts),
            whole=self._reason != "length",
            read=self._usage.prompt_tokens,
            written=self._usage.completion_tokens,
        )

    def _take(self, data: bytes) -> None:
        try:
            event = msgspec.json.decode(data, type=_Event)
        except msgspec.DecodeError as error:
            raise ChatAway(f"The answer of {self._model} is damaged.") from error
        if event.error is not None:
            raise _refused(bytes(event.error), self._model, 500)
        self._usage = event.usage or self._usage
        for choice in event.choices[:1]:
            said = choice.delta or choice.message
            self._parts.append((said.content if said else None) or "")
            self._size += len(self._parts[-1])
            self._reason = choice.finish_reason or self._reason
        if self._size > LONGEST:
            raise ChatError(f"{self._model} does not come to an end.")


def _refused(body: bytes, model: str, status: int) -> ChatError:
    said = body[:2000].decode(errors="replace")
    if status in REFUSALS and TOO_LONG.search(said):
        window = _WINDOW.search(said)
        return TooLong(f"{model} does not read so much at once.", int(window[1]) if window else None)
    if status in (429, 500, 502, 503, 504):
        return ChatAway(f"{model} answers {status} for now.")
    return ChatError(f"{model} does not do what a summary needs: it answers {status}.")
