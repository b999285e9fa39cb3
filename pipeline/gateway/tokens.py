"""An answer -> the tokens that it says it took."""

from typing import NamedTuple

import msgspec


class Tokens(NamedTuple):
    """What a request took."""

    prompt: int
    """Tokens read."""
    completion: int
    """Tokens written."""


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None


class _Nested(msgspec.Struct):
    usage: _Usage | None = None


class _Answer(msgspec.Struct):
    usage: _Usage | None = None
    response: _Nested | str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None


DECODER = msgspec.json.Decoder(_Answer)


def tokens_of(body: bytes) -> Tokens | None:
    """Return what an answer says of its tokens, in any dialect; None if it says nothing."""
    try:
        said = DECODER.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    if said.prompt_eval_count is not None or said.eval_count is not None:
        return Tokens(said.prompt_eval_count or 0, said.eval_count or 0)
    usage = said.response.usage if isinstance(said.response, _Nested) else said.usage
    if usage is None:
        return None
    prompt = next((n for n in (usage.prompt_tokens, usage.input_tokens, usage.total_tokens) if n is not None), 0)
    return Tokens(prompt, usage.completion_tokens or usage.output_tokens or 0)


def tokens_of_events(events: bytes) -> Tokens | None:
    """Return what the last server-sent event or line that speaks of tokens says."""
    for line in reversed(events.split(b"\n")):
        if b'_tokens"' in line or b'eval_count"' in line:
            found = tokens_of(line.removeprefix(b"data:"))
            if found is not None:
                return found
    return None
