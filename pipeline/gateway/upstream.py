"""A provider's server, over aiohttp: connections are kept, answers are passed on as they come."""

import io
import logging
import os
from collections.abc import Sequence
from typing import Any

import aiohttp
import msgspec

from pipeline.gateway.breaker import Breaker
from pipeline.gateway.errors import ProviderDied, ProviderSilent
from pipeline.gateway.offers import offers_of
from pipeline.gateway.providers import Provider
from pipeline.gateway.slots import Slots
from pipeline.gateway.target import Body, Member, Offer

LOG = logging.getLogger("parley.gateway")
CHECK_SECONDS = 10.0
"""How long a provider may take to say what it lists."""
LARGE = 2**20
"""Bytes of a body that is not sent at once."""
LISTING = {"tei": "/info", "ollama": "/api/tags"}
"""Where servers that speak more than /v1 say what they have."""


def new_session() -> aiohttp.ClientSession:
    """Open the connections to all providers: as many as are needed, no cookies, no proxies, nothing unpacked."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "parley"},
        timeout=aiohttp.ClientTimeout(total=None),
        read_bufsize=2**18,
    )


class Upstream:
    """A `Target`: a provider's server."""

    def __init__(self, provider: Provider, session: aiohttp.ClientSession) -> None:
        self.provider = provider
        """As configured."""
        self.name = provider.name
        self.kind = provider.type
        self.counts_streams = provider.counts_streams
        self.speaks_responses = provider.responses
        self.slots: Slots[Member] = Slots(provider.concurrency)
        self.breaker = Breaker()
        self._session = session
        if provider.key_env and not os.environ.get(provider.key_env):
            LOG.warning("The provider %s has no key: the variable %s is not set.", provider.name, provider.key_env)
        self._root, self._base = provider.root(), provider.base()
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=provider.connect_seconds, sock_read=provider.silence_seconds
        )

    async def open(self, path: str, body: Body, media_type: str = "application/json") -> "UpstreamAnswer":
        """Ask it."""
        # What is large is sent in pieces, so that others have their turn.
        data = io.BytesIO(body) if isinstance(body, bytes) and len(body) >= LARGE else body
        return await self._ask("POST", path, self._timeout, data=data, headers=self._headers(media_type))

    async def offers(self) -> Sequence[Offer]:
        """Return what it serves."""
        path = LISTING.get(self.kind, "/v1/models")
        patience = aiohttp.ClientTimeout(total=CHECK_SECONDS)
        answer = await self._ask("GET", path, patience, headers=self._headers())
        try:
            body = await answer.read()
        finally:
            answer.close()
        if answer.status != 200:
            raise ProviderDied(f"The provider {self.name} answers {answer.status} when asked what it serves.")
        try:
            return offers_of(self.provider, body)
        except msgspec.DecodeError as error:
            raise ProviderDied(f"The provider {self.name} does not say what it serves as expected.") from error

    async def _ask(self, method: str, path: str, patience: aiohttp.ClientTimeout, **more: Any) -> "UpstreamAnswer":
        address = self._root + path.removeprefix("/v1") if path.startswith("/v1/") else self._base + path
        try:
            answer = await self._session.request(method, address, timeout=patience, allow_redirects=False, **more)
        except aiohttp.ConnectionTimeoutError as error:
            raise ProviderDied(f"The provider {self.name} could not be reached in time.") from error
        except TimeoutError as error:
            raise ProviderSilent(f"The provider {self.name} sent nothing for too long.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise ProviderDied(f"The provider {self.name} could not be reached.") from error
        return UpstreamAnswer(self.name, answer)

    def _headers(self, media_type: str | None = None) -> dict[str, str]:
        """Return what is sent along: nothing of it comes from the caller."""
        headers = {} if media_type is None else {"Content-Type": media_type}
        key = os.environ.get(self.provider.key_env, "") if self.provider.key_env else ""
        if key:
            headers["Authorization"] = f"Bearer {key.strip()}"
        return headers


class UpstreamAnswer:
    """An `Answer` as it comes over the network."""

    def __init__(self, name: str, answer: aiohttp.ClientResponse) -> None:
        self.name = name
        """The provider's name."""
        self._answer = answer
        self.status = answer.status
        self.media_type = answer.headers.get("Content-Type", "")

    @property
    def retry_after(self) -> float | None:
        """Return the seconds after which to ask again; dates are left aside."""
        said = self._answer.headers.get("Retry-After", "")
        return float(said) if said.isascii() and said.isdigit() and len(said) < 7 else None

    async def read(self) -> bytes:
        """Return everything."""
        try:
            return await self._answer.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise self._broken(error) from error

    async def block(self) -> bytes:
        """Return the bytes that came next."""
        try:
            return await self._answer.content.readany()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise self._broken(error) from error

    def close(self) -> None:
        """Let go: a finished answer's connection is kept for the next, any other is cut."""
        self._answer.close()

    def _broken(self, error: Exception) -> ProviderDied | ProviderSilent:
        if isinstance(error, TimeoutError):
            return ProviderSilent(f"The provider {self.name} sent nothing for too long.")
        return ProviderDied(f"The provider {self.name} broke off in the middle of its answer.")
