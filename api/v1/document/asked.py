"""What is sent to /v1, where no route here reads all of it: what is not named passes through to the model's server."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from api.v1.audio.asked import Format, Grain
from api.v1.embedded import EmbeddingsAsked
from api.v1.responses_request import Asked

Limit = Annotated[int, Meta(ge=1)]
Stop = str | Annotated[list[str], Meta(max_length=4)]


class Writes(msgspec.Struct, kw_only=True):
    """What requests for text have in common; other fields pass through to the model's server."""

    model: str
    """Id or alias of a model that writes text."""
    stream: bool | None = None
    """Whether the answer comes as server-sent events, with `data: [DONE]` at the end."""
    stream_options: dict[str, Any] | None = None
    """`include_usage`: one more chunk tells the tokens."""
    max_tokens: Limit | None = None
    """Most tokens of the answer; null takes what the model is configured with."""
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    """How freely it writes."""
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    """Share of the likeliest tokens that it chooses from."""
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    """Answers."""
    stop: Stop | None = None
    """Texts at which it ends."""
    seed: int | None = None
    """For answers that can be had again."""


class ChatRequest(Writes, kw_only=True):
    """A chat."""

    messages: list[dict[str, Any]]
    """Roles developer, system, user, assistant, tool; parts text, image_url, input_audio, file."""
    max_completion_tokens: Limit | None = None
    """The newer name of `max_tokens`."""
    tools: list[dict[str, Any]] | None = None
    """Functions that the model may call."""
    tool_choice: str | dict[str, Any] | None = None
    """none, auto, required, or a function."""
    parallel_tool_calls: bool | None = None
    """Whether it may call several at once."""
    response_format: dict[str, Any] | None = None
    """text, json_object, or json_schema{name, schema, strict}."""
    logprobs: bool | Annotated[int, Meta(ge=0, le=20)] | None = None
    """Whether probabilities are told; a number, as older clients send it, means that many alternatives."""
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    """Alternatives of each token."""
    reasoning_effort: str | None = None
    """How much the model thinks first."""


class CompletionRequest(Writes, kw_only=True):
    """A text to go on with."""

    prompt: str | list[str | int | list[int]] | None = None
    """A text, texts, a text as tokens, or texts as tokens."""
    suffix: str | None = None
    """What follows."""
    echo: bool | None = None
    """Whether the prompt is a part of the answer."""
    best_of: Limit | None = None
    """How many are made to choose from."""
    logprobs: Annotated[int, Meta(ge=0, le=5)] | None = None
    """Alternatives of each token."""


class ResponsesRequest(Asked, kw_only=True):
    """A request for /v1/responses. Nothing is kept: what points at a kept response is refused."""


class EmbeddingsRequest(EmbeddingsAsked, kw_only=True):
    """Texts that become vectors, 2048 at most."""

    model: str
    """Id or alias of a model that turns texts into vectors."""


class ImageRequest(msgspec.Struct, kw_only=True):
    """A picture to make; other fields pass through."""

    prompt: str
    """What it shows."""
    model: str | None = None
    """Id; null for the first that makes pictures."""
    n: Annotated[int, Meta(ge=1, le=10)] | None = None
    """How many."""
    size: str | None = None
    """As the model takes it."""


class TranslationForm(msgspec.Struct, kw_only=True):
    """A recording to translate; `language` and `to_language` are ours."""

    file: bytes
    """Sound or video of any kind, and of any length."""
    model: str
    """Id or alias of a model that turns speech into text."""
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt"] = "json"
    """Shape of the answer."""
    prompt: str | None = None
    """Text that came before, where the model takes one."""
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None
    """0: the engines here take the likeliest words."""
    language: str | None = None
    """ISO 639-1 code of what is spoken."""
    to_language: str | None = None
    """ISO 639-1 code to translate into; null for English."""


class TranscriptionForm(msgspec.Struct, kw_only=True):
    """A recording to write down. The names of lists end with `[]` in the form."""

    file: bytes
    """Sound or video of any kind, and of any length."""
    model: str
    """Id or alias of a model that turns speech into text."""
    response_format: Format = "json"
    """Shape of the answer."""
    stream: bool = False
    """Whether it comes as events; with json, text or diarized_json."""
    language: str | None = None
    """ISO 639-1 code of what is spoken."""
    prompt: str | None = None
    """Text that came before, where the model takes one."""
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None
    """0: the engines here take the likeliest words."""
    keywords: list[str] | None = msgspec.field(name="keywords[]", default=None)
    """Words to expect, where the model takes them."""
    include: list[Literal["logprobs"]] | None = msgspec.field(name="include[]", default=None)
    """Each word's probability; with json."""
    grains: list[Grain] | None = msgspec.field(name="timestamp_granularities[]", default=None)
    """What verbose_json lists."""
    chunking_strategy: str | None = None
    """auto, or server_vad with its settings as JSON."""
    names: Annotated[list[str], Meta(max_length=4)] | None = msgspec.field(name="known_speaker_names[]", default=None)
    """Names of known voices; with diarized_json."""
    references: Annotated[list[str], Meta(max_length=4)] | None = msgspec.field(
        name="known_speaker_references[]", default=None
    )
    """A clip of each, 2 to 10 s, as a data URL."""
