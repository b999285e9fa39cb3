"""The header Range -> which bytes are wanted. Source: RFC 9110, section 14."""

import re

from api.errors import NotSatisfiable

ONE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII | re.IGNORECASE)
LONGEST_NUMBER = 20
"""Digits of a place in a file; longer ones are nonsense."""


def wanted(header: str | None, size: int) -> tuple[int, int] | None:
    """Return first byte and the one after the last; None for everything.

    What is no range of bytes, or several, is answered with everything, as the RFC allows.

    Raises:
        NotSatisfiable: no byte of the range exists.
    """
    found = ONE.fullmatch(header or "")
    if found is None or max(map(len, found.groups())) > LONGEST_NUMBER:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    if start >= end:
        raise NotSatisfiable(
            f"The recording has {size} bytes; no byte of the range exists.",
            {"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"},
        )
    return start, end
