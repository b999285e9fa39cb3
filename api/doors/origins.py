"""Pages that ask: our own, allowed ones, foreign ones.

Source: Fetch (the Origin header), Fetch Metadata Request Headers (Sec-Fetch-Site), RFC 6455 section 10.2 (WebSockets).
"""

from urllib.parse import urlsplit

from api.doors.knock import Knock
from api.doors.refusals import ForeignPage
from api.doors.settings import DoorSettings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Origins:
    """Tells whose page sent a request."""

    def __init__(self, settings: DoorSettings) -> None:
        self.allowed = frozenset(each.rstrip("/").lower().encode() for each in settings.allowed_origins)
        """Foreign pages that may read answers."""
        public = urlsplit(settings.public_url.lower())
        self._public = f"{public.scheme}://{public.netloc}".encode() if settings.public_url else b""

    def check(self, knock: Knock, *, is_proof_needed: bool = False) -> None:
        """Return if no foreign page sent this; `is_proof_needed` refuses also what says nothing of its page.

        Raises:
            ForeignPage: one did.
        """
        origin, site = knock.headers.get(b"origin"), knock.headers.get(b"sec-fetch-site")
        if origin is not None and origin.lower() in self.allowed:
            return
        if site is not None:
            # Browsers let no page write this header, and it knows more than Origin: what led here, and other ports.
            is_ours = site in (b"same-origin", b"none") or _is_followed_link(knock)
        elif origin is not None:
            is_ours = self._is_own(origin.lower(), knock.headers.get(b"host", b"").lower())
        else:
            is_ours = not is_proof_needed
        if is_ours:
            return
        named = origin.decode("latin-1")[:100] if origin else "another site, or a program that does not say"
        raise ForeignPage(
            f"This was sent by a page that is not the server's own ({named}). If it is one of yours, add its origin to "
            "allowed_origins in the table [doors] of the configuration; a program sends its key as Authorization: "
            "Bearer instead of a cookie."
        )

    def _is_own(self, origin: bytes, host: bytes) -> bool:
        if origin == self._public:
            return True
        scheme, found, place = origin.partition(b"://")
        # A proxy before us may speak HTTPS for us; but where the address is configured, its scheme counts too.
        is_known = bool(self._public) and self._public.endswith(b"//" + place)
        return bool(found) and scheme in (b"http", b"https") and place == host and not is_known


def _is_followed_link(knock: Knock) -> bool:
    """Tell whether somebody followed a link from elsewhere: a tab of its own, which the other page cannot read."""
    headers = knock.headers
    return (
        knock.method == "GET"
        and headers.get(b"sec-fetch-mode") == b"navigate"
        and headers.get(b"sec-fetch-dest") == b"document"
    )
