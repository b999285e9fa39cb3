"""Where the server may listen."""

import ipaddress

from api.settings import SettingsError


def check_bind(host: str, *, is_keyed: bool) -> None:
    """Return if the server may listen at this address: at any with keys, on loopback without.

    Raises:
        SettingsError: everybody who reaches the address would be its admin.
    """
    if is_keyed or is_loopback(host):
        return
    raise SettingsError(
        f"Without keys, everybody who reaches {host} could read and delete every recording, so the server listens on "
        "127.0.0.1 only. Make a key first: parley keys add --role admin NAME"
    )


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine only; an empty one means all addresses."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
