"""Names by which the server may be called.

A page can point a name of its own at 127.0.0.1 (DNS rebinding); the browser then takes the server for that page's own,
and only the Host header still tells the name.
"""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from api.doors.knock import Knock
from api.doors.refusals import WrongHost
from api.doors.settings import DoorSettings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
OPEN_TO_ALL = frozenset({"/health", "/api/health"})
"""Health checks call by address, and learn nothing."""


class Hosts:
    """The names of this server."""

    def __init__(self, settings: DoorSettings) -> None:
        configured = {name.lower() for name in settings.allowed_hosts}
        if settings.public_url:
            configured.add((urlsplit(settings.public_url).hostname or "").lower())
        self._names = LOOPBACK | configured
        self._is_limited = bool(settings.allowed_hosts)

    def check(self, knock: Knock, *, is_keyed: bool) -> None:
        """Return if the name is one of ours.

        Raises:
            WrongHost: it is not, or there are two.
        """
        host = knock.headers.get(b"host", b"").decode("latin-1")
        if knock.two_hosts:
            raise WrongHost("This request names two hosts. Send one Host header.")
        if (is_keyed and not self._is_limited) or knock.path in OPEN_TO_ALL or name_of(host) in self._names:
            return
        raise WrongHost(
            f"This server does not go by the name {name_of(host)[:100]!r}. If it should, add the name to allowed_hosts "
            "in the table [doors] of the configuration."
        )


def name_of(host: str) -> str:
    """Return a Host header's name without its port, in lower case."""
    name, colon, port = host.rpartition(":")
    is_port = colon and port.isascii() and port.isdigit()
    return (name if is_port else host).lower()


@lru_cache(maxsize=1024)
def is_elsewhere(address: str) -> bool:
    """Tell whether an address is known to be another machine's; False for what is no address (a socket, a test)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return not (mapped or found).is_loopback
