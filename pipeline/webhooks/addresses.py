"""Where a webhook may go: to the internet by TLS, and elsewhere only as far as the configuration allows."""

import ipaddress
import socket
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from pipeline.gateway.addresses import host_of, is_private
from pipeline.webhooks.shape import BadWebhook

LONGEST_URL = 2000


class Forbidden(OSError):
    """A name that leads into a private network."""


class Allowed:
    """What the configuration allows beside the internet."""

    def __init__(self, allowed: Sequence[str]) -> None:
        """Take names, addresses and networks.

        Raises:
            ValueError: one is none of these.
        """
        self._names: set[str] = set()
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        for each in allowed:
            try:
                self._networks.append(ipaddress.ip_network(each))
            except ValueError:
                if "/" in each or ":" in each:
                    raise ValueError(f"[webhooks] allowed: {each!r} is neither a name nor a network.") from None
                self._names.add(each.lower().rstrip("."))

    def names(self, host: str) -> bool:
        """Tell whether a name, or an address written out, is allowed by the configuration."""
        return host.lower().rstrip(".") in self._names or self._holds(host)

    def takes(self, host: str, address: str) -> bool:
        """Tell whether a name may lead to an address."""
        return self.names(host) or self._holds(address) or not is_private(address)

    def _holds(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

    def check(self, url: str) -> None:
        """Return if something may be sent there, as far as the address itself tells.

        Raises:
            BadWebhook: nothing may.
        """
        try:
            parts, _ = host_of(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError as error:
            raise BadWebhook("This is no address.") from error
        if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
            raise BadWebhook(f"An address is of at most {LONGEST_URL} plain characters.")
        if parts.scheme not in ("http", "https") or not host or parts.username or parts.password or parts.fragment:
            raise BadWebhook("A webhook goes to an https:// address without a name, a password or a # in it.")
        if self.names(host):
            return
        if parts.scheme != "https":
            raise BadWebhook("A webhook goes to an https:// address; http:// only to what [webhooks] allowed lists.")
        if is_private(host):
            raise BadWebhook(f"{host[:100]} lies in a private network, and [webhooks] allowed does not list it.")


class GuardedResolver(AbstractResolver):
    """Looks names up at the moment of connecting, so that no name means one thing when checked and another after."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed, self._inner = allowed, ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name.

        Raises:
            Forbidden: one of them is private.
        """
        found = await self._inner.resolve(host, port, family)
        if not all(self._allowed.takes(host, each["host"]) for each in found):
            raise Forbidden(f"{host[:100]} leads into a private network")
        return found

    async def close(self) -> None:
        """Give back what it holds."""
        await self._inner.close()
