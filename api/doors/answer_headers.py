"""Headers of every answer: what browsers may do with it, who may keep it, and nothing that breaks out of its line."""

import re

from api.doors.refusals import Headers
from api.doors.settings import DoorSettings

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; "
    "connect-src 'self'; "
    "img-src 'self' data: blob:; "
    "media-src 'self' blob:; "
    "worker-src 'self' blob:; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
"""No inline script and no inline style: a title that is HTML stays a title. WebSockets of the same host are 'self' too.

Source: Content Security Policy Level 3.
"""

DATA_POLICY = b"sandbox; default-src 'none'; media-src 'self'; frame-ancestors 'none'"
"""For what is no page: a recording that claims to be HTML is shown without scripts, and as nobody's origin."""

ALWAYS: Headers = [
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"microphone=(self), display-capture=(self), camera=(), geolocation=(), payment=(), usb=()",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]
STRICT_TRANSPORT: Headers = [(b"strict-transport-security", b"max-age=31536000")]
NO_STORE: tuple[bytes, bytes] = (b"cache-control", b"no-store")
"""For what is somebody's own: no proxy and no browser keeps it."""
PRIVATE: tuple[bytes, bytes] = (b"cache-control", b"private, no-cache")
"""For sound and downloads: a player may read its ranges again; proxies keep nothing."""
KEPT_NOWHERE = (b"application/json", b"application/problem+json", b"application/x-ndjson", b"text/event-stream")
BREAKS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
"""Control characters: they end a header and begin another, or the body."""


class AnswerHeaders:
    """Completes the headers of answers."""

    def __init__(self, settings: DoorSettings) -> None:
        always = ALWAYS + (STRICT_TRANSPORT if settings.public_url.startswith("https:") else [])
        self._for_page = [*always, (b"content-security-policy", CONTENT_SECURITY_POLICY.encode())]
        self._for_data = [*always, (b"content-security-policy", DATA_POLICY)]

    def complete(self, headers: Headers, more: Headers, *, is_data: bool) -> Headers:
        """Return the headers with ours added; those that the route set itself stay.

        `is_data`: it was made for one caller, and is no part of the page.
        """
        found = {}
        for name, value in headers:
            found[name] = value
            if BREAKS.search(value) or BREAKS.search(name):
                return self.complete(_unbroken(headers), more, is_data=is_data)
        added = [header for header in (self._for_data if is_data else self._for_page) if header[0] not in found]
        if is_data and b"cache-control" not in found:
            added.append(NO_STORE if found.get(b"content-type", b"").startswith(KEPT_NOWHERE) else PRIVATE)
        return [*headers, *added, *more]


def _unbroken(headers: Headers) -> Headers:
    return [(BREAKS.sub(b"", name), BREAKS.sub(b" ", value)) for name, value in headers]
