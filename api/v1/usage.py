"""GET /v1/usage: what keys have used of models, by day."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import msgspec

from api.v1.endpoint import Door, from_scope
from api.v1.errors import Told
from api.v1.exchange import Exchange, Receive, Scope, Send
from pipeline.gateway.errors import BadBody
from pipeline.gateway.switchboard import Switchboard
from pipeline.gateway.usage import UsageStore
from storage.rows import UsageRow

DAYS = 30
"""How far it looks back where the caller does not say."""
LONGEST_DAYS = 366


class UsageApp:
    """An ASGI application that tells an admin what everybody used, and others what they used."""

    def __init__(self, board: Switchboard, store: UsageStore, door: Door = from_scope) -> None:
        self._board, self._store, self._door = board, store, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        caller = self._door(scope)
        exchange = Exchange(scope, receive, send, caller)
        if caller is None or caller.role == "share":
            await _refuse(exchange, Told(401, "Usage is told to keys.", "invalid_api_key"))
            return
        asked = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        try:
            since, until = _days(asked)
        except BadBody as error:
            await _refuse(exchange, Told(400, str(error), "invalid_request", error.param))
            return
        await self._board.usage.flush()
        rows = await self._store.usage(since, until, None if caller.role == "admin" else caller.owner)
        found = [
            row for row in rows if all(getattr(row, name) == asked[name] for name in ("key", "model") if name in asked)
        ]
        await exchange.answer(200, msgspec.json.encode(_said(since, until, found)))


def _said(since: date, until: date, rows: list[UsageRow]) -> dict[str, Any]:
    return {"object": "list", "since": since, "until": until, "data": rows}


def _days(asked: Mapping[str, str]) -> tuple[date, date]:
    until = _day(asked, "until", datetime.now(UTC).date())
    since = _day(asked, "since", until - timedelta(days=DAYS))
    if not timedelta(0) <= until - since <= timedelta(days=LONGEST_DAYS):
        raise BadBody(f"since must be before until, and {LONGEST_DAYS} days at most.", "since")
    return since, until


def _day(asked: Mapping[str, str], name: str, default: date) -> date:
    if name not in asked:
        return default
    try:
        return date.fromisoformat(asked[name])
    except ValueError as error:
        raise BadBody(f"{name} must be a day, as 2026-03-02.", name) from error


async def _refuse(exchange: Exchange, said: Told) -> None:
    await exchange.answer(said.status, said.body(), headers=said.headers)
