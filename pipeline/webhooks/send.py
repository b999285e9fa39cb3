"""An event -> a signed request to a webhook.

Source: Standard Webhooks 1.0 (headers, secret and signature `v1`).
"""

import base64
import hashlib
import hmac
import secrets
import time
from datetime import UTC, datetime

import aiohttp

from pipeline.webhooks.addresses import Allowed, GuardedResolver
from pipeline.webhooks.shape import BadWebhook, Try, Webhook

PREFIX = "whsec_"


def new_secret() -> str:
    """Return a secret of 256 bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, event: str, timestamp: int, body: bytes) -> str:
    """Return what proves that the body comes from whoever knows the secret, and when it was sent."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    made = hmac.new(key, b"%b.%d.%b" % (event.encode(), timestamp, body), hashlib.sha256)
    return f"v1,{base64.b64encode(made.digest()).decode()}"


async def send(hook: Webhook, event: str, body: bytes, allowed: Allowed, timeout_seconds: float) -> Try:
    """Send once, and return what came of it. What is answered is not read, and no redirection is followed."""
    at, began = datetime.now(UTC), time.monotonic()
    timestamp = int(at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Parley",
        "webhook-id": event,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(hook.secret, event, timestamp, body),
    }
    status: int | None = None
    error: str | None = None
    try:
        allowed.check(hook.url)  # the configuration may have changed since
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=GuardedResolver(allowed), force_close=True),
                timeout=aiohttp.ClientTimeout(total=timeout_seconds),
                trust_env=False,
            ) as session,
            session.post(hook.url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            status = answer.status
            error = None if 200 <= status < 300 else f"The receiver answered {status}."
    except TimeoutError:
        error = f"The receiver did not answer within {timeout_seconds:g} s."
    except (aiohttp.ClientError, BadWebhook) as failure:
        error = str(failure)[:300] or type(failure).__name__
    return Try(at=at, seconds=round(time.monotonic() - began, 3), status=status, error=error)
