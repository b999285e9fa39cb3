"""Requests -> usage by day, key and model: gathered here, written in batches."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Protocol

import msgspec

from pipeline.gateway.limits import BUDGET, Limits
from pipeline.gateway.record import Record
from pipeline.measures import MODEL_REQUESTS, MODEL_SECONDS, MODEL_TOKENS
from storage.records import RecordError
from storage.rows import UsageRow

FLUSH_SECONDS = 2.0
"""Between two writes: what a killed process has not written yet is lost."""
FAILED = ("refused", "failed", "broke off")
"""Outcomes that count as failures; a client that leaves is none."""
LOG = logging.getLogger("parley.gateway")

Place = tuple[date, str, str]
"""Day, key and model."""


class UsageStore(Protocol):
    """Where usage is kept; every database of ours is one."""

    async def add_usage(self, rows: Sequence[UsageRow]) -> None:
        """Add to what is kept of each day, key and model."""

    async def usage(self, since: date, until: date, owner: str | None = None) -> Sequence[UsageRow]:
        """Return what was used from a day to a day, both included; `owner=None` returns everybody's."""


class Usage:
    """Counts requests, and writes what it counted every few seconds and at the end."""

    def __init__(self, store: UsageStore, limits: Limits, seconds: float = FLUSH_SECONDS) -> None:
        self._store, self._limits, self._seconds = store, limits, seconds
        self._waiting: dict[Place, UsageRow] = {}
        self._has_budgets = False
        self._writing = asyncio.Lock()

    def note(self, record: Record) -> None:
        """Count a finished request of a known model."""
        caller = record.caller
        if caller is None or not record.model:
            return
        if any(name.endswith(BUDGET) for name in caller.limits):
            self._has_budgets = True
        self._limits.spend(
            record.key, caller.limits, record.model, record.prompt_tokens + record.completion_tokens, record.cost
        )
        MODEL_REQUESTS.labels(record.model, record.provider, record.outcome).inc()
        MODEL_TOKENS.labels(record.model, "prompt").inc(record.prompt_tokens)
        MODEL_TOKENS.labels(record.model, "completion").inc(record.completion_tokens)
        MODEL_SECONDS.labels(record.model).observe(time.perf_counter() - record.began)
        self._add(
            UsageRow(
                day=datetime.now(UTC).date(),
                key=record.key,
                owner=caller.owner,
                model=record.model,
                requests=1,
                failures=int(record.outcome in FAILED),
                prompt_tokens=record.prompt_tokens,
                completion_tokens=record.completion_tokens,
                cost=record.cost,
            )
        )

    async def run(self) -> None:
        """Write every few seconds until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(self._seconds)
                await self.flush()
        finally:
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Write what was counted; if the database is away it waits for the next time."""
        async with self._writing:
            rows, self._waiting = list(self._waiting.values()), {}
            if not rows:
                return
            try:
                await self._store.add_usage(rows)
            except RecordError as error:
                LOG.warning("usage of %d keys and models could not be written yet: %s", len(rows), error)
                for row in rows:
                    self._add(row)
                return
            if self._has_budgets:
                await self.learn()

    async def learn(self) -> None:
        """Learn what all keys have spent today, on whatever node."""
        today = datetime.now(UTC).date()
        spent: defaultdict[tuple[str, str], float] = defaultdict(float)
        for row in [*await self._store.usage(today, today), *self._waiting.values()]:
            spent[row.key, row.model] += row.cost
        self._limits.set_spent(spent)

    def _add(self, row: UsageRow) -> None:
        place = (row.day, row.key, row.model)
        known = self._waiting.get(place)
        self._waiting[place] = row if known is None else _sum(known, row)


def _sum(one: UsageRow, other: UsageRow) -> UsageRow:
    return msgspec.structs.replace(
        other,
        requests=one.requests + other.requests,
        failures=one.failures + other.failures,
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        completion_tokens=one.completion_tokens + other.completion_tokens,
        cost=one.cost + other.cost,
    )
