"""What can be configured of the gateway: the tables [[providers]] and [models."id"]."""

from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

import msgspec

ModelType = Literal[
    "text-generation",
    "image-text-to-text",
    "text-embeddings-inference",
    "automatic-speech-recognition",
    "text-classification",
    "image-generation",
]
"""What a model does, by the name that hubs and gateways give it; text-classification is what reranks."""
ProviderType = Literal["openai", "vllm", "tei", "ollama", "parley"]
"""What a server speaks beside the common /v1; `openai` is any server that speaks nothing else."""
Strategy = Literal["shuffle", "round_robin", "least_busy", "ordered"]
"""Which provider of a model is asked first; those that follow are asked, in the order given, when it fails."""


class BadProvider(ValueError):
    """The configuration of a provider makes no sense."""


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server that answers for some models."""

    url: str
    """Its address: `http://gpu:8000`, or the root of its API if that is not /v1, as clients call their base URL."""
    type: ProviderType = "openai"
    """What it speaks."""
    name: str = ""
    """What health, usage and audit call it; empty means its type and its number."""
    models: dict[str, str] | tuple[str, ...] = ()
    """Ids it serves, or ids with the name that the server knows them by; empty means whatever it lists."""
    model_type: ModelType | None = None
    """What these models do; None means text-generation, and for what it lists itself a guess by the name."""
    key_env: str = ""
    """Environment variable that holds its key; empty for a server without one."""
    concurrency: int | None = None
    """Requests it is given at a time, at least 1; more wait for their turn. None for no limit."""
    connect_seconds: float = 5.0
    """How long connecting may take before the next provider is asked."""
    silence_seconds: float = 600.0
    """How long it may send nothing before a request fails: a long prompt on a slow machine is silent for minutes."""
    counts_streams: bool = True
    """Whether it may be asked to tell the tokens of a stream (`stream_options`); without, its events are counted."""
    responses: bool = False
    """Whether it answers /v1/responses itself; otherwise such requests become chats."""

    def served(self) -> Mapping[str, str]:
        """Return the configured ids with the names that the server knows them by."""
        return self.models if isinstance(self.models, dict) else {id: id for id in self.models}

    def root(self) -> str:
        """Return the root of its /v1."""
        bare = self.url.rstrip("/")
        return bare if urlsplit(bare).path else f"{bare}/v1"

    def base(self) -> str:
        """Return the root of the routes that it has beside /v1."""
        return self.url.rstrip("/").removesuffix("/v1")

    def check(self) -> None:
        """Return if it can be used.

        Raises:
            BadProvider: the address is no http address, or a number is out of range.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadProvider(f"The provider address {self.url!r} is no http:// or https:// address.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise BadProvider(f"The address of the provider at {parts.hostname} holds more than a host and a path.")
        if self.concurrency is not None and self.concurrency < 1:
            raise BadProvider(f"The provider at {parts.hostname} needs a concurrency of 1 or more.")


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a model id is served, whoever serves it."""

    aliases: tuple[str, ...] = ()
    """Other names it answers to."""
    strategy: Strategy = "shuffle"
    """Which provider is asked first."""
    max_tokens: int | None = None
    """Tokens of an answer where the caller names no limit; what the caller names is never changed. None adds none."""
    prompt_price: float = 0.0
    """Cost of a million tokens read, in the currency of the keys' budgets."""
    completion_price: float = 0.0
    """Cost of a million tokens written, in the same currency."""


class Gateway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for all models."""

    largest_body: int = 64 * 2**20
    """Bytes of a request: pictures and sound travel in it."""
    queue_seconds: float = 30.0
    """How long a request waits for a turn at a provider whose concurrency is used up."""
    check_seconds: float = 30.0
    """Time between two looks at whether the providers are well and what they list."""


def one_line(url: str) -> Provider:
    """Return the provider that `chat = "http://127.0.0.1:11434"` means: everything it lists."""
    return Provider(url=url, name="chat")


def named(providers: Sequence[Provider]) -> list[Provider]:
    """Give every provider a name of its own.

    Raises:
        BadProvider: a provider makes no sense, or two have the same name.
    """
    found: dict[str, Provider] = {}
    for number, provider in enumerate(providers, 1):
        provider.check()
        name = provider.name or f"{provider.type}-{number}"
        if name in found:
            raise BadProvider(f"Two providers are called {name!r}; give them different names.")
        found[name] = msgspec.structs.replace(provider, name=name)
    return list(found.values())
