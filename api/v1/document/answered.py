"""What /v1 answers, as far as this server makes it or reads it: a model's server may say more."""

from typing import Any, Literal

import msgspec

from storage.rows import UsageRow


class ErrorDetail(msgspec.Struct):
    """What went wrong."""

    message: str
    """A sentence that says what happened and what to do."""
    type: str
    """invalid_request_error, rate_limit_error or server_error; a model's server may say others."""
    param: str | None = None
    """Field of the request that is to blame."""
    code: str | int | None = None
    """For programs."""


class Error(msgspec.Struct):
    """An error, as OpenAI's clients read it."""

    error: ErrorDetail
    """What went wrong."""


class Tokens(msgspec.Struct):
    """Tokens that a request took."""

    total_tokens: int
    """All of them."""
    prompt_tokens: int | None = None
    """Read."""
    completion_tokens: int | None = None
    """Written."""


class ChatCompletion(msgspec.Struct):
    """An answer of a chat or a completion; as a stream, chunks of it."""

    id: str
    """Of the answer."""
    object: str
    """chat.completion, or text_completion."""
    created: int
    """Seconds since 1970."""
    model: str
    """Who wrote it."""
    choices: list[dict[str, Any]]
    """Answers: message or text, logprobs, finish_reason."""
    usage: Tokens | None = None
    """What it took."""


class Response(msgspec.Struct):
    """A response; as a stream, typed events that end with it."""

    id: str
    """Of the response; nothing is kept under it."""
    object: Literal["response"]
    """What it is."""
    created_at: float
    """Seconds since 1970."""
    status: str
    """completed, incomplete or failed."""
    model: str
    """Who wrote it."""
    output: list[dict[str, Any]]
    """Messages, calls of functions, thoughts."""
    usage: dict[str, Any] | None = None
    """What it took."""


class Embedding(msgspec.Struct):
    """A vector."""

    index: int
    """Which of the texts."""
    embedding: list[float] | str
    """Floats, or base64 of them in four bytes each, little-endian."""
    object: Literal["embedding"] = "embedding"
    """What it is."""


class Embeddings(msgspec.Struct):
    """Vectors, in the order of the texts."""

    data: list[Embedding]
    """One for each text."""
    model: str
    """Who made them."""
    usage: Tokens
    """What it took."""
    object: Literal["list"] = "list"
    """What it is."""


class Model(msgspec.Struct):
    """A model under one of its names."""

    id: str
    """The name."""
    created: int
    """Seconds since 1970; 0 if unknown."""
    owned_by: str
    """Who serves it, as they say."""
    type: str
    """What it does, as hubs call it: text-generation, automatic-speech-recognition, ..."""
    aliases: list[str]
    """Its other names."""
    providers: list[str]
    """Who answers for it, as GET /health/ready names them."""
    root: str | None = None
    """Its id, where the name is another."""
    description: str | None = None
    """What a user should know of it."""
    max_context_length: int | None = None
    """Tokens."""
    object: Literal["model"] = "model"
    """What it is."""


class Models(msgspec.Struct):
    """All models, under every name."""

    data: list[Model]
    """By name."""
    object: Literal["list"] = "list"
    """What it is."""


class Images(msgspec.Struct):
    """Pictures."""

    created: int
    """Seconds since 1970."""
    data: list[dict[str, Any]]
    """b64_json or url of each."""


class Transcription(msgspec.Struct):
    """What was said: of json `text`, of verbose_json and diarized_json more."""

    text: str | None = None
    """All of it."""
    task: str | None = None
    """transcribe or translate."""
    language: str | None = None
    """Its English name."""
    duration: float | None = None
    """Seconds of sound."""
    words: list[dict[str, Any]] | None = None
    """word, start, end."""
    segments: list[dict[str, Any]] | None = None
    """id, start, end, text; of diarized_json the speaker too."""
    logprobs: list[dict[str, Any]] | None = None
    """token, bytes, logprob of each word."""
    usage: dict[str, Any] | None = None
    """What it took: type duration, seconds."""
    gaps: list[dict[str, Any]] | None = None
    """What could not be heard, and why; not there where nothing was lost."""


class Ranked(msgspec.Struct):
    """A document and how well it fits."""

    index: int
    """Its place in the request."""
    relevance_score: float
    """More fits better."""
    document: dict[str, str] | None = None
    """Its text."""


class Ranking(msgspec.Struct):
    """Documents, best first."""

    id: str
    """Of the answer."""
    model: str
    """Who ranked."""
    results: list[Ranked]
    """Best first."""
    usage: Tokens
    """What it took."""


class Score(msgspec.Struct):
    """How well a pair fits."""

    index: int
    """Which pair."""
    score: float
    """More fits better."""
    object: Literal["score"] = "score"
    """What it is."""


class Scores(msgspec.Struct):
    """Scores, in the order of the pairs."""

    data: list[Score]
    """One for each pair."""
    model: str
    """Who scored."""
    usage: Tokens
    """What it took."""


class TeiRank(msgspec.Struct):
    """A text and how well it fits, as TEI says it."""

    index: int
    """Its place in the request."""
    score: float
    """More fits better."""
    text: str | None = None
    """The text itself, if it was asked for."""


class Usage(msgspec.Struct):
    """What was used, by day, key and model."""

    data: list[UsageRow]
    """An admin sees everybody's, others their own."""
    since: str
    """First day."""
    until: str
    """Last day."""
    object: Literal["list"] = "list"
    """What it is."""


class Secret(msgspec.Struct):
    """A secret with which a browser opens realtime sessions."""

    value: str
    """The secret."""
    expires_at: int
    """Seconds since 1970."""
    session: dict[str, Any]
    """What sessions begin with."""
