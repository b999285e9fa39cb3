"""Random secrets: made, shown once, kept as digests, compared in constant time."""

import hashlib
import hmac
import secrets

import msgspec

PREFIX = "pk"
"""What every key begins with, so that scanners for leaked secrets know one when they see it."""
LONGEST_SECRET = 300
"""Characters; whatever is longer was not made here, and is not worth a digest."""


class NewKey(msgspec.Struct, frozen=True):
    """A key that was just made."""

    id: str
    """Public part."""
    text: str
    """The whole key: shown once."""
    hash: bytes
    """What is kept of the secret part."""


def new_key() -> NewKey:
    """Make a key, `pk_<public part>_<secret>`."""
    id, secret = secrets.token_hex(6), new_secret()
    return NewKey(id=id, text=f"{PREFIX}_{id}_{secret}", hash=digest(secret))


def new_secret() -> str:
    """Make a secret of 256 random bits."""
    return secrets.token_hex(32)


def digest(secret: str) -> bytes:
    """Return what is kept of a secret.

    One round of SHA-256: slow hashes protect what people could guess, and nobody guesses 256 random bits. One that
    took 0.1 s for each request would only help those who want to keep the server busy.
    Source: NIST SP 800-63B, section 5.1.2.2: at least 112 bits of entropy need no slow hash.
    """
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def parts(key: str) -> tuple[str, str]:
    """Return the public part and the secret of a key; public part empty if it is none."""
    if len(key) > LONGEST_SECRET:
        return "", ""
    prefix, _, rest = key.partition("_")
    id, found, secret = rest.partition("_")
    return (id, secret) if prefix == PREFIX and found and id.isascii() and id.isalnum() else ("", key)


def is_same(secret: str, kept: bytes | None) -> bool:
    """Compare a secret with the digest that is kept of it; with none, take as long and say no."""
    is_equal = hmac.compare_digest(digest(secret), kept if kept is not None else bytes(32))
    return is_equal and kept is not None
