"""Settings -> the address at which other servers reach this one."""

import ipaddress
import socket

from api.settings import Settings


def address_of(settings: Settings) -> str:
    """Return the configured address, else the one that is listened on; where that is every one, the machine's name."""
    if settings.address:
        return settings.address.rstrip("/")
    host = settings.host.strip("[]")
    try:
        listens_everywhere = ipaddress.ip_address(host or "0.0.0.0").is_unspecified  # noqa: S104 - compared, not bound
    except ValueError:
        listens_everywhere = False
    name = socket.gethostname() if listens_everywhere else host
    return f"http://{f'[{name}]' if ':' in name else name}:{settings.port}"
