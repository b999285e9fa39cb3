"""Now + chance -> the id of a meeting: sortable, unguessable, safe in keys and addresses."""

import secrets
import time

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Base 32 without letters that look alike. Source: Crockford."""


def new_id() -> str:
    """Return 26 letters: 48 bits of time in milliseconds, 80 bits of chance. Source: the ULID specification."""
    number = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    return "".join(LETTERS[number >> shift & 31] for shift in range(125, -1, -5))
