"""POST /v1/responses: nothing is kept; a provider without that route is asked by a chat that means the same."""

from typing import Any

import msgspec

from api.v1.chat import COUNTED, WRITES
from api.v1.chat_shapes import chunks, completion_of
from api.v1.endpoint import Request
from api.v1.relay import EVENT_STREAM, count, relay, relay_whole
from api.v1.responses_answer import head, whole
from api.v1.responses_request import as_chat, read
from api.v1.responses_stream import Typed
from pipeline.gateway.addresses import check_addresses
from pipeline.gateway.attempt import Ask, Call
from pipeline.gateway.body import Fields, encoded, raw, required
from pipeline.gateway.errors import BadBody, ProviderDied, ProviderSilent
from pipeline.gateway.providers import Model
from pipeline.gateway.target import Member


async def responses(request: Request) -> None:
    """Answer."""
    fields = request.fields
    route = await request.model(required(fields, "model", str), *WRITES)
    if "input" not in fields:
        raise BadBody("The field input is required.", "input")
    check_addresses(request.body, fields["input"], "input")
    asked = None if all(member.target.speaks_responses for member in route.members) else read(fields)
    begun = {} if asked is None else head(asked, fields)
    chat = {} if asked is None else with_default(as_chat(asked, fields), route.model)
    async with request.call(route, _ask(fields, chat)) as call:
        if call.member.target.speaks_responses:
            await relay(request.exchange, call, needs_done=False)
        elif call.is_stream:
            await _relay_events(request, call, Typed(begun))
        elif call.answer.status != 200:
            await relay_whole(request.exchange, call)
        else:
            count(request.exchange, call.first)
            await request.exchange.answer(200, msgspec.json.encode(whole(begun, completion_of(call.first))))


def with_default(chat: dict[str, Any], model: Model) -> dict[str, Any]:
    """Add the model's own limit of an answer where the caller names none."""
    if model.max_tokens is None or "max_completion_tokens" in chat:
        return chat
    return chat | {"max_tokens": model.max_tokens}


def _ask(fields: Fields, chat: dict[str, Any]) -> Ask:
    def ask(member: Member) -> tuple[str, bytes]:
        if member.target.speaks_responses:
            return "/v1/responses", encoded({**fields, "model": raw(member.model)})
        counted = {"stream_options": COUNTED} if chat.get("stream") and member.target.counts_streams else {}
        return "/v1/chat/completions", msgspec.json.encode({**chat, "model": member.model, **counted})

    return ask


async def _relay_events(request: Request, call: Call, typed: Typed) -> None:
    exchange, events = request.exchange, 0
    await exchange.begin(EVENT_STREAM)
    await exchange.part(typed.begin())
    try:
        async for chunk in chunks(call):
            events += 1
            said = typed.feed(chunk)
            if said:
                await exchange.part(said)
        await exchange.end(typed.end())
    except (ProviderDied, ProviderSilent) as error:
        call.member.target.breaker.failed()
        exchange.record.outcome = "broke off"
        await exchange.end(typed.fail(str(error)))
    finally:
        usage = typed.usage
        exchange.record.prompt_tokens = usage.prompt_tokens if usage else 0
        exchange.record.completion_tokens = usage.completion_tokens if usage else events
