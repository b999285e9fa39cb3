"""What a provider's server says of itself -> the models it offers."""

from collections.abc import Sequence

import msgspec

from pipeline.gateway.providers import ModelType, Provider
from pipeline.gateway.target import Offer

SIGNS: Sequence[tuple[ModelType, Sequence[str]]] = (
    ("text-classification", ("rerank", "cross-encoder")),
    ("text-embeddings-inference", ("embed", "minilm", "bge-", "e5-", "gte-")),
    ("automatic-speech-recognition", ("whisper", "transcribe", "canary", "parakeet")),
    ("image-generation", ("dall-e", "gpt-image", "stable-diffusion", "sdxl", "flux", "qwen-image")),
    ("image-text-to-text", ("-vl", "vision", "llava", "pixtral")),
)
"""Parts of names by which models of other kinds than text-generation are known: servers rarely say what theirs do."""


class _Listed(msgspec.Struct):
    id: str
    type: str = ""
    owned_by: str = ""
    created: int = 0
    max_model_len: int | None = None
    max_context_length: int | None = None


class _List(msgspec.Struct):
    data: list[_Listed]


class _Tag(msgspec.Struct):
    model: str = ""
    name: str = ""


class _Tags(msgspec.Struct):
    models: list[_Tag]


class _Info(msgspec.Struct):
    model_id: str
    model_type: dict[str, object] | str = ""
    max_input_length: int | None = None


def offers_of(provider: Provider, body: bytes) -> Sequence[Offer]:
    """Read what a server lists: /v1/models, Ollama's tags or TEI's info.

    Raises:
        msgspec.DecodeError: it is none of these.
    """
    if provider.type == "tei":
        return [_info(provider, msgspec.json.decode(body, type=_Info))]
    if provider.type == "ollama":
        tags = msgspec.json.decode(body, type=_Tags).models
        ids = [tag.model or tag.name for tag in tags]
        return [Offer(id=id, type=_type(provider, id), owned_by="ollama") for id in ids if id]
    listed = msgspec.json.decode(body, type=_List).data
    return [
        Offer(
            id=each.id,
            type=_type(provider, each.id, each.type),
            owned_by=each.owned_by or provider.name,
            created=each.created,
            max_context_length=each.max_model_len or each.max_context_length,
        )
        for each in listed
    ]


def guessed(id: str) -> ModelType:
    """Guess what a model does by its name."""
    low = id.lower()
    return next((kind for kind, signs in SIGNS if any(sign in low for sign in signs)), "text-generation")


def _type(provider: Provider, id: str, said: str = "") -> ModelType:
    if provider.model_type is not None:
        return provider.model_type
    try:
        found: ModelType = msgspec.convert(said, ModelType)
    except msgspec.ValidationError:
        return guessed(id)
    return found


def _info(provider: Provider, info: _Info) -> Offer:
    kind = info.model_type if isinstance(info.model_type, str) else next(iter(info.model_type), "")
    does: ModelType = "text-embeddings-inference" if kind == "embedding" else "text-classification"
    return Offer(
        id=info.model_id,
        type=provider.model_type or does,
        owned_by=provider.name,
        max_context_length=info.max_input_length,
    )
