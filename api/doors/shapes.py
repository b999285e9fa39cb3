"""The wire of keys and sign-ins."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from api.caller import Caller, CallerRole
from storage.rows import KeyRole, KeyRow

PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\S[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""Something to see, on one line: it is shown in tables and logs."""

KeyName = Annotated[str, Meta(min_length=1, max_length=100, pattern=PRINTABLE)]
Amount = Annotated[float, Meta(gt=0, le=1e12)]
Limit = Annotated[str, Meta(pattern=r"^([^\s:]\S{0,199}:)?(requests_per_minute|tokens_per_minute|budget)$")]
"""`tokens_per_minute` for all models; `qwen:tokens_per_minute` for one."""


class KeyWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to be made."""

    name: KeyName
    """Whose it is, or what for."""
    role: KeyRole
    """What it may do: `read`, `user` (make and change meetings), `admin` (keys and engines too)."""
    owner: KeyName | None = None
    """Whose meetings it sees; null for nobody's but its own."""
    limits: dict[Limit, Amount] = {}
    """requests_per_minute, tokens_per_minute, budget (a day's), for one model as qwen:budget; else unlimited."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret."""

    id: str
    """Public part."""
    name: str
    """Whose it is, or what for."""
    role: KeyRole
    """What it may do."""
    owner: str
    """Whose meetings it sees."""
    created_at: datetime
    """UTC."""
    last_used_at: datetime | None
    """UTC, to the minute; null if never."""
    revoked_at: datetime | None
    """UTC; null while it is valid."""
    limits: Mapping[str, float]
    """What is left out is unlimited."""


class NewKeyShape(Key, frozen=True, kw_only=True):
    """A key that was just made."""

    key: str
    """The key itself: shown this once."""


class KeyList(msgspec.Struct, frozen=True):
    """All keys."""

    items: tuple[Key, ...]
    """Oldest first, the revoked ones with them."""


class SignInWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody signs in with."""

    key: Annotated[str, Meta(min_length=1, max_length=300)]
    """The whole key."""


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls."""

    role: CallerRole
    """What the caller may do; `share` reads one meeting."""
    owner: str | None
    """Whose meetings the caller sees; null for a share link."""
    name: str
    """What the admin called the key."""
    key: str | None
    """Public part of the key; null without one."""
    keyed: bool
    """Whether this server asks for keys; where it does not, there is nothing to sign in to."""
    meeting: str | None
    """The one meeting that a share link opens; null for all others."""
    limits: Mapping[str, float]
    """What is left out is unlimited."""


def key_of(row: KeyRow) -> Key:
    """Show a key."""
    return msgspec.convert(row, Key, from_attributes=True)


def new_key_of(row: KeyRow, text: str) -> NewKeyShape:
    """Show a key that was just made."""
    return NewKeyShape(**{name: getattr(row, name) for name in Key.__struct_fields__}, key=text)


def me_of(caller: Caller, *, is_keyed: bool) -> Me:
    """Show the caller to itself."""
    return Me(
        role=caller.role,
        owner=None if caller.role == "share" else caller.owner,
        name=caller.name,
        key=caller.key_id,
        keyed=is_keyed,
        meeting=caller.meeting,
        limits={} if caller.role == "share" else caller.limits,
    )
