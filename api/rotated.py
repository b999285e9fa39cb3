"""Secrets that files hold -> their values as they are now: who rotates them restarts nothing."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import make_url

from api.settings import PREFIX, Settings


def as_now(settings: Settings, key: str, environment: Mapping[str, str] = os.environ) -> Callable[[], str]:
    """Return what reads a setting again: from its file if it has one, otherwise it is as it was.

    A file that cannot be read, or is empty, is being written just now: the last value stands.
    """
    named = environment.get(f"{PREFIX}{key.upper()}__FILE")
    known = str(getattr(settings, key) or "")

    def read() -> str:
        nonlocal known
        if named is not None:
            try:
                known = Path(named).read_text(encoding="utf-8").strip() or known
            except OSError:
                return known
        return known

    return read


def store_keys(settings: Settings, environment: Mapping[str, str] = os.environ) -> Callable[[], tuple[str, str]]:
    """Return what reads the keys of the bucket again."""
    access = as_now(settings, "store_access_key", environment)
    secret = as_now(settings, "store_secret_key", environment)
    return lambda: (
        access() or environment.get("AWS_ACCESS_KEY_ID", ""),
        secret() or environment.get("AWS_SECRET_ACCESS_KEY", ""),
    )


def database_password(settings: Settings, environment: Mapping[str, str] = os.environ) -> Callable[[], str | None]:
    """Return what reads the password in the address of the database again."""
    address = as_now(settings, "database", environment)

    def password() -> str | None:
        return make_url(address() or settings.database_url()).password

    return password
