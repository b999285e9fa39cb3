"""A provider's answer -> the client: bytes pass as they come; a stream that breaks off ends with an error event."""

from api.dialects import openai_body
from api.v1.errors import as_openai, told
from api.v1.exchange import Exchange, Headers
from pipeline.gateway.attempt import Call
from pipeline.gateway.errors import ProviderDied, ProviderSilent
from pipeline.gateway.events import Events
from pipeline.gateway.tokens import tokens_of

EVENT_STREAM = b"text/event-stream"
"""Without a charset: frameworks would add it a second time."""


async def relay(exchange: Exchange, call: Call, *, hide_usage: bool = False, needs_done: bool = True) -> None:
    """Pass an answer on. With `needs_done`, a stream without `[DONE]` at its end has broken off."""
    if call.is_stream:
        await relay_stream(exchange, call, hide_usage=hide_usage, needs_done=needs_done)
    else:
        await relay_whole(exchange, call)


async def relay_whole(exchange: Exchange, call: Call) -> None:
    """Pass on an answer in one piece: status, media type, when to come back, and nothing else of its headers."""
    status, body = call.answer.status, call.first
    if status != 200:
        await exchange.answer(status, as_openai(status, body), headers=kept_headers(call))
        exchange.record.outcome = "failed"
        return
    count(exchange, body)
    await exchange.answer(status, body, (call.answer.media_type or "application/json").encode("latin-1"))


def count(exchange: Exchange, body: bytes) -> None:
    """Take down the tokens that an answer tells."""
    tokens = tokens_of(body)
    if tokens is not None:
        exchange.record.prompt_tokens += tokens.prompt
        exchange.record.completion_tokens += tokens.completion


def kept_headers(call: Call) -> Headers:
    """Return what the client is told of a refusal beside its body."""
    seconds = call.answer.retry_after
    return () if seconds is None else [(b"retry-after", b"%d" % seconds)]


async def relay_stream(exchange: Exchange, call: Call, *, hide_usage: bool, needs_done: bool) -> None:
    """Pass on a stream of server-sent events."""
    events = Events(hide_usage=hide_usage)
    record = exchange.record
    await exchange.begin(EVENT_STREAM)
    try:
        block = call.first
        while block:
            whole = events.feed(block)
            if whole:
                await exchange.part(whole)
            block = await call.answer.block()
        if needs_done and not events.is_done:
            raise ProviderDied(f"The provider {call.member.target.name} broke off in the middle of its answer.")
        await exchange.end(events.rest())
    except (ProviderDied, ProviderSilent) as error:
        call.member.target.breaker.failed()
        record.outcome = "broke off"
        await exchange.end(error_event(error))
    finally:
        record.prompt_tokens, record.completion_tokens = events.tokens()


def error_event(error: Exception) -> bytes:
    """Return the event that ends a stream which cannot go on."""
    said = told(error)
    return b"data: " + openai_body(said.status, said.message, said.code) + b"\n\n"
