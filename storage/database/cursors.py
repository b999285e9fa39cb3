"""Where a page ended -> a cursor that says nothing to others, and back."""

import base64
import binascii
import struct
from typing import Literal

from storage.records import BadCursor

Listing = Literal[b"m", b"s"]
"""Which list it belongs to: meetings or search."""
LAYOUT = struct.Struct(">cQ")


def cursor_after(listing: Listing, last: int) -> str:
    """Return the cursor of a page whose last row has this number."""
    return base64.urlsafe_b64encode(LAYOUT.pack(listing, last)).decode()


def before(listing: Listing, cursor: str | None) -> int:
    """Return the number that the rows of the next page stay below.

    Raises:
        BadCursor: no page of this list gave it.
    """
    if cursor is None:
        return 2**63 - 1
    try:
        found, last = LAYOUT.unpack(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, struct.error) as error:
        raise BadCursor("This cursor was not given with a page. Begin again without one.") from error
    if found != listing or last >= 2**63:
        raise BadCursor("This cursor was given with a page of another list. Begin again without one.")
    return int(last)
