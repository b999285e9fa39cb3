"""The gateway as a whole: who serves what, whether they are well, and what each key has used."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp
import msgspec

from pipeline.gateway.attempt import Ask, Call, attempt
from pipeline.gateway.directory import Directory
from pipeline.gateway.errors import GatewayError, NothingServes, ProvidersAway, UnknownModel
from pipeline.gateway.limits import Limits
from pipeline.gateway.providers import Gateway, Model, ModelType, Provider, ProviderType, named
from pipeline.gateway.record import Payer, Record, counted
from pipeline.gateway.route import Route
from pipeline.gateway.target import Member, Offer, Target
from pipeline.gateway.upstream import Upstream, new_session
from pipeline.gateway.usage import Usage, UsageStore

RETRY_SECONDS = 5.0
"""What a caller is told to wait for a provider that was never there."""
FRESH_SECONDS = 1.0
"""What the providers list is not asked again sooner, however many unknown models are asked for."""
LOG = logging.getLogger("parley.gateway")


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider is."""

    name: str
    """As configured."""
    type: ProviderType
    """What it speaks."""
    ready: bool
    """Whether it is asked now."""
    circuit: Literal["closed", "open"]
    """`open` while it is left alone because it failed several times in a row."""
    models: tuple[str, ...]
    """What it serves."""
    busy: int
    """Requests it has now."""
    waiting: int
    """Requests that wait for their turn."""
    error: str | None = None
    """What went wrong the last time it was looked at; None if nothing did."""


class Switchboard:
    """Finds models, asks who serves them, counts what is used. Open it with `running` before use."""

    def __init__(
        self,
        providers: Sequence[Provider],
        models: Mapping[str, Model],
        store: UsageStore,
        settings: Gateway | None = None,
        fresh_seconds: float = FRESH_SECONDS,
    ) -> None:
        self.settings = settings or Gateway()
        """What holds for all models."""
        self.directory = Directory(models)
        """Who serves what."""
        self.limits = Limits()
        """What keys have left."""
        self.usage = Usage(store, self.limits)
        """What was used."""
        self._providers = named(providers)
        self._upstreams: list[Upstream] = []
        self._found: dict[str, Sequence[tuple[Offer, Member]]] = {}
        self._errors: dict[str, str] = {}
        self._seen: set[str] = set()
        self._looking: asyncio.Task[None] | None = None
        self._looked = 0.0
        self._fresh_seconds = fresh_seconds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep connections, look after the providers and write usage while the block lasts."""
        async with new_session() as session:
            self._open(session)
            await self.usage.learn()
            tasks = [asyncio.create_task(self.usage.run(), name="usage")]
            if self._upstreams:
                tasks.append(asyncio.create_task(self._look_often(), name="providers"))
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                if self._looking is not None:
                    self._looking.cancel()
                    await asyncio.gather(self._looking, return_exceptions=True)

    async def find(self, name: str, *types: ModelType) -> Route:
        """Return the model of a name; providers are asked again what they serve before it is said to be unknown.

        Raises:
            GatewayError: it is not served, does something else, or is perhaps at a provider that was never reached.
        """
        return await self._found_after_a_look(lambda: self.directory.find(name, *types))

    async def first(self, kind: ModelType) -> Route:
        """Return the first model that does something. Raises `NothingServes` or `ProvidersAway`."""
        return await self._found_after_a_look(lambda: self.directory.first(kind))

    def admit(self, caller: Payer, route: Route) -> None:
        """Let a caller use a model.

        Raises:
            LimitReached: its key has used up what it may.
        """
        if caller.limits:
            self.limits.admit(counted(caller), caller.limits, route.id)

    async def ask(self, route: Route, ask: Ask, media_type: str = "application/json") -> Call:
        """Ask whoever serves a model; raises what `attempt` raises."""
        return await attempt(route, ask, self.settings.queue_seconds, media_type)

    def finish(self, record: Record) -> None:
        """Count a request that has ended, and write its audit line."""
        route = self.directory.names().get(record.model)
        if route is not None:
            model = route.model
            record.cost = record.prompt_tokens * model.prompt_price + record.completion_tokens * model.completion_price
            record.cost /= 1e6
        self.usage.note(record)
        record.write()

    def health(self) -> Sequence[Health]:
        """Return how each provider is."""
        return [
            Health(
                name=upstream.name,
                type=upstream.provider.type,
                circuit=upstream.breaker.state,
                waiting=upstream.slots.waiting,
                ready=upstream.breaker.state == "closed" and upstream.name not in self._errors,
                models=tuple(offer.id for offer, _ in self._found.get(upstream.name, ())),
                busy=upstream.slots.busy,
                error=self._errors.get(upstream.name),
            )
            for upstream in self._upstreams
        ]

    def targets(self) -> Sequence[Target]:
        """Return all providers."""
        return list(self._upstreams)

    async def look(self) -> None:
        """Look at all providers now."""
        self._looked = asyncio.get_running_loop().time()
        await asyncio.gather(*(self._look_at(upstream) for upstream in self._upstreams))
        self.directory.set_found(self._found)

    def _open(self, session: aiohttp.ClientSession) -> None:
        self._upstreams = [Upstream(provider, session) for provider in self._providers]
        for upstream in self._upstreams:
            self._found[upstream.name] = self._configured(upstream)
            if upstream.provider.models:
                self._seen.add(upstream.name)
        self.directory.set_found(self._found)

    def _configured(self, upstream: Upstream) -> list[tuple[Offer, Member]]:
        provider = upstream.provider
        does: ModelType = provider.model_type or "text-generation"
        return [
            (Offer(id=id, type=does, owned_by=provider.name), Member(upstream, name))
            for id, name in provider.served().items()
        ]

    async def _found_after_a_look(self, find: Callable[[], Route]) -> Route:
        try:
            return find()
        except (UnknownModel, NothingServes):
            await self._look_again()
        try:
            return find()
        except (UnknownModel, NothingServes) as error:
            hidden = [
                each.name for each in self._upstreams if each.name in self._errors and each.name not in self._seen
            ]
            if not hidden:
                raise
            # It may be one of those that the provider would list.
            raise ProvidersAway(f"{self._errors[hidden[0]]} What it serves is not known yet.", RETRY_SECONDS) from error

    async def _look_often(self) -> None:
        while True:
            await self._look_once()
            await asyncio.sleep(self.settings.check_seconds)

    async def _look_again(self) -> bool:
        """Look at the providers if that was not done just now; return whether that was done."""
        now = asyncio.get_running_loop().time()
        if not self._upstreams or (self._looking is None and now - self._looked < self._fresh_seconds):
            return False
        await self._look_once()
        return True

    async def _look_once(self) -> None:
        """Look, or wait for the look under way; whoever waits may leave."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self.look())
        await asyncio.shield(self._looking)
        self._looking = None

    async def _look_at(self, upstream: Upstream) -> None:
        try:
            offers = await upstream.offers()
        except GatewayError as error:
            if upstream.name not in self._errors:
                LOG.warning("%s", error)
            self._errors[upstream.name] = str(error)
            return
        self._errors.pop(upstream.name, None)
        self._seen.add(upstream.name)
        upstream.breaker.succeeded()
        known = {offer.id: offer for offer in offers}
        if not upstream.provider.models:
            self._found[upstream.name] = [(offer, Member(upstream, offer.id)) for offer in offers]
            return
        self._found[upstream.name] = [
            (msgspec.structs.replace(offer, max_context_length=_length(known.get(member.model))), member)
            for offer, member in self._configured(upstream)
        ]


def _length(offer: Offer | None) -> int | None:
    return None if offer is None else offer.max_context_length
