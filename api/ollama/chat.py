"""POST /api/chat and /api/generate: native where the provider speaks Ollama, else by a chat completion."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import msgspec

from api.ollama.answer import Form, Lines
from api.ollama.request import Asked, ChatAsked, TextAsked, as_chat, as_text
from api.v1.chat import COUNTED, WRITES
from api.v1.chat_shapes import chunks, completion_of
from api.v1.endpoint import Request
from api.v1.errors import as_openai, message_of, told
from api.v1.relay import count
from api.v1.responses import with_default
from pipeline.gateway.attempt import Ask, Call
from pipeline.gateway.body import decoded, encoded, raw
from pipeline.gateway.chat_engine import ChatTarget
from pipeline.gateway.errors import ProviderDied, ProviderSilent, RequestRefused
from pipeline.gateway.route import Route
from pipeline.gateway.target import Member
from pipeline.gateway.tokens import tokens_of_events

NDJSON = b"application/x-ndjson"
WIDE = ("vllm", "parley", "engine")


async def chat(request: Request) -> None:
    """Answer a chat."""
    asked = decoded(request.body, ChatAsked)
    route = await request.model(asked.model, *WRITES)

    def ask(member: Member) -> tuple[str, bytes]:
        if member.target.kind == "ollama":
            return _native(request, "/api/chat", member)
        translated = with_default(as_chat(asked, is_wide=member.target.kind in WIDE), route.model)
        return "/v1/chat/completions", _sent(translated, asked, member)

    await _answer(request, route, ask, asked, "chat", is_empty=not asked.messages)


async def generate(request: Request) -> None:
    """Go on with a text."""
    asked = decoded(request.body, TextAsked)
    route = await request.model(asked.model, *WRITES)

    def ask(member: Member) -> tuple[str, bytes]:
        if member.target.kind == "ollama":
            return _native(request, "/api/generate", member)
        path, translated = as_text(asked, is_wide=member.target.kind in WIDE)
        return path, _sent(with_default(translated, route.model), asked, member)

    await _answer(request, route, ask, asked, "text", is_empty=not asked.prompt)


def _native(request: Request, path: str, member: Member) -> tuple[str, bytes]:
    return path, encoded({**request.fields, "model": raw(member.model)})


def _sent(translated: dict[str, object], asked: Asked, member: Member) -> bytes:
    sent = translated | {"model": member.model, "stream": asked.is_stream}
    if asked.is_stream and member.target.counts_streams:
        sent["stream_options"] = COUNTED
    return msgspec.json.encode(sent)


async def _answer(request: Request, route: Route, ask: Ask, asked: Asked, form: Form, *, is_empty: bool) -> None:
    lines = Lines(form, asked.model)
    if is_empty and asked.lets_go:
        _let_go(route)
    if is_empty and not any(member.target.kind == "ollama" for member in route.members):
        # Nothing is said: a model is to be loaded or let go of, which providers without this dialect do by themselves.
        await request.exchange.answer(200, lines.loaded("unload" if asked.lets_go else "load"))
        return
    async with request.call(route, ask) as call:
        if call.answer.status != 200:
            message = message_of(as_openai(call.answer.status, call.first))
            raise RequestRefused(call.answer.status, message, call.answer.retry_after)
        is_native = call.member.target.kind == "ollama"
        if call.is_stream:
            await _stream(request, call, _own(call) if is_native else _translated(call, lines), lines)
        else:
            count(request.exchange, call.first)
            await request.exchange.answer(200, call.first if is_native else lines.whole(completion_of(call.first)))
        if asked.lets_go:
            _let_go(route)


def _let_go(route: Route) -> None:
    """Have engines of ours give their memory back; providers with this dialect were told, others keep theirs."""
    for member in route.members:
        if isinstance(member.target, ChatTarget):
            member.target.let_go()


async def _stream(request: Request, call: Call, lines_of: AsyncIterator[bytes], lines: Lines) -> None:
    exchange, record = request.exchange, request.exchange.record
    await exchange.begin(NDJSON)
    last = b""
    try:
        async with aclosing(lines_of) as passing:  # type: ignore[type-var]
            async for last in passing:
                await exchange.part(last)
        await exchange.end()
    except (ProviderDied, ProviderSilent) as error:
        call.member.target.breaker.failed()
        record.outcome = "broke off"
        await exchange.end(msgspec.json.encode({"error": told(error).message}) + b"\n")
    finally:
        tokens = tokens_of_events(last)
        record.prompt_tokens, record.completion_tokens = tokens or (0, lines.pieces)


async def _translated(call: Call, lines: Lines) -> AsyncIterator[bytes]:
    async for chunk in chunks(call):
        line = lines.feed(chunk)
        if line:
            yield line
    yield lines.end()


async def _own(call: Call) -> AsyncIterator[bytes]:
    """Yield whole lines of a provider that speaks Ollama itself."""
    held, block, last = b"", call.first, b""
    while block:
        whole, newline, held = (held + block).rpartition(b"\n")
        if newline:
            last = whole
            yield whole + newline
        block = await call.answer.block()
    if held.strip():
        last = held
        yield held + b"\n"
    if b'"done":true' not in last.replace(b" ", b""):
        raise ProviderDied(f"The provider {call.member.target.name} broke off in the middle of its answer.")
