"""What can be configured of the doors: the table [doors]."""

from pathlib import Path

import msgspec


class DoorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may come in, and from where."""

    public_url: str = ""
    """Address under which browsers reach the server, as https://parley.example; empty where they use its own."""
    allowed_hosts: tuple[str, ...] = ()
    """Names by which the server may be called besides those of loopback and `public_url`.

    Without keys no other name is answered. With keys, every name is answered until some are listed here.
    """
    allowed_origins: tuple[str, ...] = ()
    """Origins of foreign pages, as https://app.example, that may read answers (CORS); none are allowed by default."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies that are believed when they say whom they speak for (X-Forwarded-For)."""
    session_hours: float = 24.0 * 7
    """How long a sign-in lasts; then the browser asks for the key again."""
    largest_json: int = 10 * 2**20
    """Bytes of a request's body, where the route has no limit of its own."""
    first_key_file: Path | None = None
    """File to write an admin key into when there is none yet; deleted at the next start after the key was used."""
