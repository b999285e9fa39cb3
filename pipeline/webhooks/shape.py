"""Webhooks as they are kept, and what can be configured of them: the table [webhooks]."""

from datetime import datetime
from typing import Literal

import msgspec

EventType = Literal["meeting.done", "meeting.failed", "webhook.test"]
EVENTS: tuple[EventType, ...] = ("meeting.done", "meeting.failed")
"""What can be asked for; a test is sent to whoever asks for it."""


class BadWebhook(ValueError):
    """An address that nothing is sent to; the sentence says why."""


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where webhooks may go, and how often they are tried."""

    allowed: tuple[str, ...] = ()
    """Names, addresses or networks (10.0.0.0/8) that may be private, and reached without TLS; none are by default."""
    retry_seconds: tuple[float, ...] = (5.0, 30.0, 120.0, 600.0, 3600.0, 21_600.0, 43_200.0, 86_400.0)
    """Pauses between tries; after the last one a delivery has failed."""
    timeout_seconds: float = 15.0
    """How long a receiver may take to answer."""
    most: int = 50
    """Webhooks of one owner."""


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who wants to be told."""

    id: str
    """Names it in every address."""
    owner: str
    """Whose it is."""
    url: str
    """Where it is sent to."""
    secret: str
    """What it is signed with: `whsec_` and base64; shown once."""
    created_at: datetime
    """UTC."""
    meeting: str | None = None
    """The one meeting that it is about; None for all."""
    everybody: bool = False
    """Whether it is about everybody's meetings, and not its owner's only."""
    events: tuple[EventType, ...] = EVENTS
    """What is told."""
    is_gone: bool = False
    """Whether its receiver said that it is gone (410): nothing is sent any more."""


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One try to deliver."""

    at: datetime
    """UTC."""
    seconds: float
    """How long it took."""
    status: int | None = None
    """What the receiver answered; None if nothing."""
    error: str | None = None
    """What went wrong; None if nothing."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an event at a webhook."""

    event: str
    """Id of the event; the receiver gets the same at every try."""
    type: EventType
    """What happened."""
    meeting: str | None
    """Id of the meeting; None for a test."""
    state: Literal["waiting", "delivered", "failed"]
    """Waiting for its next try, or over."""
    tries: tuple[Try, ...]
    """In order."""
