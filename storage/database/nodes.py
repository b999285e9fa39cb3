"""Which servers work on this database, and when each was last seen."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Double, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert  # SQLite has the same ON CONFLICT

from storage.database.part import Part, whole
from storage.database.tables import nodes
from storage.rows import NodeRow

c = nodes.c


class Nodes(Part):
    """One row a server; clocks of the servers play no part."""

    @whole
    async def see_node(self, node: NodeRow, *, first: bool = False) -> bool:
        """Note that a server lives. Return False where a later process has its name; `first` takes the name."""
        values = {name: getattr(node, name) for name in NodeRow.__struct_fields__ if name != "age"}
        query = insert(nodes).values(**values, seen=self._now())
        kept = None if first else c.process == node.process
        changes = {column.name: query.excluded[column.name] for column in c if column.name != "name"}
        query = query.on_conflict_do_update(index_elements=["name"], set_=changes, where=kept)
        async with self.connections.writing() as connection:
            return await connection.scalar(query.returning(c.name)) is not None

    @whole
    async def nodes(self) -> Sequence[NodeRow]:
        """Return all servers that have not said good-bye, dead or alive, by name."""
        age = func.greatest if self.connections.dialect == "postgresql" else func.max
        query = select(*(each for each in c if each.name != "seen"), age(self._now() - c.seen, 0.0).label("age"))
        async with self.connections.reading() as connection:
            return [NodeRow(**found) for found in (await connection.execute(query.order_by(c.name))).mappings()]

    @whole
    async def forget_node(self, name: str, process: str) -> None:
        """Note that a process has ended; a later one that has its name stays."""
        async with self.connections.writing() as connection:
            await connection.execute(delete(nodes).where(c.name == name, c.process == process))

    def _now(self) -> ColumnElement[Any]:
        """Return the time in seconds since 1970: PostgreSQL's own, or that of the one machine SQLite is on."""
        if self.connections.dialect == "postgresql":
            return cast(func.extract("epoch", func.clock_timestamp()), Double)
        return literal(time.time())
