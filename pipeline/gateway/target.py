"""Who can be asked: a provider's server, or an engine of ours that answers in the same form."""

from collections.abc import AsyncIterable, Sequence
from typing import Literal, NamedTuple, Protocol

import msgspec

from pipeline.gateway.answer import Answer
from pipeline.gateway.breaker import Breaker
from pipeline.gateway.providers import ModelType, ProviderType
from pipeline.gateway.slots import Slots

Kind = ProviderType | Literal["engine"]
Body = bytes | AsyncIterable[bytes]
"""What is asked: all of it, or what can be read again and again, as a form with a recording on the disk."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A model as whoever serves it describes it."""

    id: str
    """Its id."""
    type: ModelType
    """What it does."""
    owned_by: str = "parley"
    """Who serves it."""
    created: int = 0
    """Seconds since 1970; 0 if unknown."""
    description: str = ""
    """What a user should know of it."""
    max_context_length: int | None = None
    """Tokens; None if unknown."""


class Target(Protocol):
    """Somebody who answers for models."""

    @property
    def name(self) -> str:
        """What health, usage and audit call it."""

    @property
    def kind(self) -> Kind:
        """What it speaks; `engine` for one of ours, which speaks /v1."""

    @property
    def slots(self) -> "Slots[Member]":
        """How many requests it has at a time."""

    @property
    def breaker(self) -> Breaker:
        """Whether it is worth asking."""

    @property
    def counts_streams(self) -> bool:
        """Whether it can be asked to tell the tokens of a stream (`stream_options`)."""

    @property
    def speaks_responses(self) -> bool:
        """Whether it answers /v1/responses itself."""

    async def open(self, path: str, body: Body, media_type: str = "application/json") -> Answer:
        """Ask it. `path` begins with /v1, or is one of its own dialect.

        Raises:
            ProviderDied: it could not be reached, or went away before it answered anything.
            ProviderSilent: it answered nothing for too long.
            BadBody: an engine of ours does not understand the request.
        """

    async def offers(self) -> Sequence[Offer]:
        """Return what it serves, which also shows that it is well. Raises like `open`."""


class Member(NamedTuple):
    """Somebody who answers for one model."""

    target: Target
    """Who."""
    model: str
    """The model's name there."""
