"""POST /v1/chat/completions and /v1/completions: routed by model, everything else passes through."""

from collections.abc import Sequence

import msgspec

from api.v1.endpoint import Request
from api.v1.relay import relay
from pipeline.gateway.addresses import check_addresses
from pipeline.gateway.attempt import Ask
from pipeline.gateway.body import Fields, beginning, encoded, is_null, raw, required, value_of
from pipeline.gateway.errors import BadBody
from pipeline.gateway.providers import Model, ModelType
from pipeline.gateway.target import Member

WRITES: Sequence[ModelType] = ("text-generation", "image-text-to-text")
"""What a model must do to answer a chat."""
TRUE = msgspec.Raw(b"true")
COUNTED = msgspec.Raw(b'{"include_usage":true}')


class StreamOptions(msgspec.Struct):
    """What a caller wants of a stream."""

    include_usage: bool | None = None
    """Whether it tells its tokens."""


async def chat(request: Request) -> None:
    """Answer a chat."""
    fields = request.fields
    route = await request.model(required(fields, "model", str), *WRITES)
    messages = fields.get("messages")
    if messages is None or beginning(messages) != b"[":
        raise BadBody("The field messages is required, and is an array.", "messages")
    check_addresses(request.body, messages, "messages")
    await forward(request, "/v1/chat/completions", with_defaults(with_logprobs(fields), route.model))


async def completions(request: Request) -> None:
    """Complete a text."""
    route = await request.model(required(request.fields, "model", str), *WRITES)
    await forward(request, "/v1/completions", with_defaults(request.fields, route.model))


async def forward(request: Request, path: str, fields: Fields) -> None:
    """Ask for an answer, whole or as a stream, and pass it on."""
    is_stream = bool(value_of(fields, "stream", bool))
    hides = is_stream and not _asks_usage(fields)
    route = request.board.directory.names()[request.exchange.record.model]
    async with request.call(route, asked(path, fields, hides_usage=hides)) as call:
        await relay(request.exchange, call, hide_usage=hides)


def asked(path: str, fields: Fields, *, hides_usage: bool = False) -> Ask:
    """Return how each member is asked: with its own name of the model, and to tell what a stream took."""

    def ask(member: Member) -> tuple[str, bytes]:
        sent = {**fields, "model": raw(member.model)}
        if hides_usage and member.target.counts_streams and "stream_options" not in fields:
            sent["stream_options"] = COUNTED
        return path, encoded(sent)

    return ask


def with_logprobs(fields: Fields) -> Fields:
    """Read an integer `logprobs`, as older clients send it to chats too, as that many alternatives."""
    said = fields.get("logprobs")
    if said is None or not beginning(said, 20).isdigit():
        return fields
    return {**fields, "logprobs": TRUE, "top_logprobs": fields.get("top_logprobs", said)}


def with_defaults(fields: Fields, model: Model) -> Fields:
    """Add the model's own limit of an answer where the caller names none."""
    if model.max_tokens is None or _has(fields, "max_tokens") or _has(fields, "max_completion_tokens"):
        return fields
    return {**fields, "max_tokens": raw(model.max_tokens)}


def _has(fields: Fields, name: str) -> bool:
    return name in fields and not is_null(fields[name])


def _asks_usage(fields: Fields) -> bool:
    options = value_of(fields, "stream_options", StreamOptions)
    return options is not None and bool(options.include_usage)
