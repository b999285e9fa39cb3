"""What keys have used of models, by day."""

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert  # SQLite has the same ON CONFLICT

from storage.database.part import Part, whole
from storage.database.tables import usage
from storage.rows import UsageRow

COUNTERS = ("requests", "failures", "prompt_tokens", "completion_tokens", "cost")


class Usage(Part):
    """Counters that only grow."""

    @whole
    async def add_usage(self, rows: Sequence[UsageRow]) -> None:
        """Add to what is kept of each day, key and model."""
        # In one order everywhere, so that two servers never wait for one another.
        values = sorted(
            (msgspec.structs.asdict(row) for row in rows), key=lambda row: (row["day"], row["key"], row["model"])
        )
        query = insert(usage)
        sums = {name: usage.c[name] + query.excluded[name] for name in COUNTERS}
        query = query.on_conflict_do_update(index_elements=["day", "key", "model"], set_=sums)
        async with self.connections.writing() as connection:
            for value in values:
                await connection.execute(query, value)

    @whole
    async def usage(self, since: date, until: date, owner: str | None = None) -> Sequence[UsageRow]:
        """Return what was used from a day to a day."""
        c = usage.c
        query = select(usage).where(c.day >= since, c.day <= until).order_by(c.day.desc(), c.key, c.model)
        async with self.connections.reading() as connection:
            found = await connection.execute(query if owner is None else query.where(c.owner == owner))
            return [UsageRow(**each) for each in found.mappings()]
