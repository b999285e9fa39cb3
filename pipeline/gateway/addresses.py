"""Addresses in a request that somebody would fetch: those that lie in a private network are refused.

We fetch nothing ourselves. What a provider fetches is its own business, but it stands in our network and would see
what the caller must not: so addresses that are private by what they say go no further. Names are not looked up here,
since the provider would look them up again: providers that fetch must guard themselves as well.
"""

import ipaddress
import unicodedata
from urllib.parse import SplitResult, urlsplit

import msgspec

from pipeline.gateway.errors import BadBody

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
HIDDEN_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".localdomain")


def check_addresses(body: bytes, field: msgspec.Raw, name: str) -> None:
    """Return if a field of a body has no private address in it.

    Raises:
        BadBody: it has one, or an address that is neither http, https nor data.
    """
    # Without such an escape no name can be written in another way.
    if b"_url" not in body and b"\\u" not in body:
        return
    try:
        tree = msgspec.json.decode(field)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadBody(f"The field {name} is no JSON, or nested too deeply.", name) from error
    _walk(tree, name)


def _walk(tree: object, name: str) -> None:
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left.extend(node)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key.endswith("_url"):
                    _check(value.get("url") if isinstance(value, dict) else value, name)
                left.append(value)


def _check(address: object, name: str) -> None:
    if not isinstance(address, str) or address[:5].lower() == "data:":
        return
    try:
        parts, host = host_of(address.strip())
    except ValueError as error:
        raise BadBody(f"{name} holds an address that makes no sense.", name) from error
    if parts.scheme not in ("http", "https"):
        raise BadBody(f"{name} holds an address that is neither http, https nor data.", name)
    if is_private(host):
        raise BadBody(f"{name} holds the address of a private network ({host[:100]}): send the data itself.", name)


def host_of(address: str) -> tuple[SplitResult, str]:
    """Return an address in parts, and its host as every client reads it.

    Raises:
        ValueError: clients read it differently: browsers take a backslash for a slash and undo escapes in names.
    """
    parts = urlsplit(address)
    host = unicodedata.normalize("NFKC", parts.hostname or "").replace("\u3002", ".").rstrip(".")
    if "\\" in address or any(letter not in "-._:" and unicodedata.category(letter)[0] not in "LMN" for letter in host):
        raise ValueError("The host of this address can be read in several ways.")
    return parts, host


def is_private(host: str) -> bool:
    """Return whether a host is private by what it says."""
    host = host.rstrip(".")
    if not host or ("." not in host and ":" not in host):
        # A bare name, or an IPv4 address as one number.
        return True
    if host.lower().endswith(HIDDEN_SUFFIXES):
        return True
    try:
        found = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        # Octal, hexadecimal and short forms are read as addresses by many clients.
        return all(part[:1].isdigit() for part in host.split("."))
    meant = _meant(found)
    is_reserved = meant.is_reserved or (isinstance(meant, ipaddress.IPv6Address) and meant.is_site_local)
    return not meant.is_global or meant.is_multicast or is_reserved


def _meant(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IPv4 address that one of IPv6 stands for, else the address. Source: RFC 4291, 3056, 6052."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
