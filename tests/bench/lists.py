"""How long a page of a long list takes: 100,000 meetings and their utterances, on SQLite and on PostgreSQL.

    python -m tests.bench.lists [--meetings 100000] [--each 10] [--plans]

Prints a table in Markdown: milliseconds of each kind of page as a client of the class waits for it.
"""

import argparse
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

import anyio
from sqlalchemy import Select, insert, text

from storage.database import tables
from storage.database.columns import POSITION_BITS
from storage.database.cursors import Listing, cursor_after
from storage.database.database import Database, open_database
from storage.database.meetings import page_queries
from storage.database.search import search_queries
from storage.database.words import own_word, words
from storage.rows import Page
from tests.storage.postgres_server import PostgresServer

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
OWNERS = ("ann", "bob", "eve")
"""They own 90, 9.9 and 0.1 of a hundred meetings."""
SHARES = (90.0, 9.9, 0.1)
VOCABULARY = 30_000
"""Different words. The n-th is said 1/n as often as the first, which is in nearly every utterance."""
TIMES = 20
"""Pages of each kind, from the first one, and as many from deep in the list."""
DEPTH = 0.9
"""How much of all meetings lies before the deep pages."""
TARGET_MS = 100.0
"""The 95th percentile of every kind of page."""


class Talk:
    """Makes up words, and what is said with them; the same in each run."""

    def __init__(self) -> None:
        self.random = random.Random(7)
        syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
        # Frequent words are short, in every language.
        lengths = [2 + (rank >= 500) + (rank >= 5000) for rank in range(VOCABULARY)]
        self.vocabulary = [
            "".join(self.random.choices(syllables, k=length)) + str(rank % 10) for rank, length in enumerate(lengths)
        ]
        weights = [1.0 / (n + 1) for n in range(VOCABULARY)]
        self.said = iter(self._words(weights))

    def _words(self, weights: list[float]) -> Iterator[str]:
        while True:
            yield from self.random.choices(self.vocabulary, weights, k=100_000)

    def text(self, count: int) -> str:
        """Return something of so many words."""
        return " ".join(islice(self.said, count))


def meetings_of(talk: Talk, count: int) -> Iterator[dict[str, Any]]:
    """Yield rows of meetings, one a minute."""
    for number, owner in enumerate(talk.random.choices(OWNERS, SHARES, k=count)):
        created, title = BEGIN + timedelta(minutes=number), talk.text(5)
        yield {
            "place": int(created.timestamp() * 1000), "id": f"m{number:08}", "owner": owner, "title": title,
            "words": (own_word(owner), *words(title)), "state": "done", "created_at": created, "source": "upload",
            "options": {}, "attempt": 1, "stages": (), "events": 0,
            "deleted_at": created if number % 50 == 0 else None, "expires_at": None,
        }  # fmt: skip


def utterances_of(talk: Talk, meetings: Iterator[dict[str, Any]], each: int) -> Iterator[dict[str, Any]]:
    """Yield rows of utterances."""
    for meeting in meetings:
        own, last = own_word(meeting["owner"]), ((meeting["place"] + 1) << POSITION_BITS) - 1
        for number in range(each):
            said = talk.text(12)
            yield {
                "key": last - number, "utterance": f"u{number}", "start": float(number), "end": number + 0.9,
                "speaker": "S1", "text": said, "words": (own, *words(said)),
            }  # fmt: skip


async def fill(database: Database, meetings: int, each: int) -> None:
    """Write everything in large transactions."""
    for table, rows in (
        (tables.meetings, meetings_of(Talk(), meetings)),
        (tables.utterances, utterances_of(Talk(), meetings_of(Talk(), meetings), each)),
    ):
        while batch := list(islice(rows, 10_000)):
            async with database.connections.writing() as connection:
                await connection.execute(insert(table), batch)
    async with database.connections.writing() as connection:
        await connection.execute(text("ANALYZE"))


class Kind(NamedTuple):
    """A kind of page."""

    name: str
    listing: Listing
    ask: Callable[[str | None], Awaitable[Page[Any]]]
    queries: Sequence[Select[Any]]


def lists(database: Database, owner: str | None, q: str, name: str, *, trash: bool = False) -> Kind:
    """Return pages of meetings."""
    queries = page_queries(database.connections.dialect, owner, q, 50, None, trash=trash)
    return Kind(name, b"m", lambda cursor: database.meetings(owner, q, 50, cursor, trash=trash), queries)


def searches(database: Database, owner: str | None, q: str, name: str) -> Kind:
    """Return pages of what was said."""
    queries = search_queries(database.connections.dialect, owner, q, 20, None)
    return Kind(name, b"s", lambda cursor: database.search(owner, q, 20, cursor), queries)


def kinds(database: Database, vocabulary: Sequence[str]) -> Iterator[Kind]:
    """Yield each kind of page."""
    yield lists(database, None, "", "trash, everybody", trash=True)
    queries = {
        "most frequent word": vocabulary[0], "frequent word": vocabulary[30], "seldom word": vocabulary[3000],
        "no such word": "zzzz", "frequent and seldom": f"{vocabulary[0]} {vocabulary[3000]}",
        "three frequent": " ".join(vocabulary[:3]), "one letter": vocabulary[0][:1], "two letters": vocabulary[30][:2],
    }  # fmt: skip
    for owner in (None, "ann", "eve"):
        whose = owner or "everybody"
        yield lists(database, owner, "", f"list, {whose}")
        for kind, q in queries.items():
            yield lists(database, owner, q, f"titles: {kind}, {whose}")
            yield searches(database, owner, q, f"search: {kind}, {whose}")


async def measure(kind: Kind, cursor: str | None) -> tuple[list[float], int]:
    """Return the milliseconds of pages that follow each other, and how many rows came."""
    taken, rows, next_cursor = [], 0, cursor
    for _ in range(TIMES):
        begun = time.perf_counter()
        page = await kind.ask(next_cursor)
        taken.append((time.perf_counter() - begun) * 1000)
        next_cursor, rows = page.cursor or cursor, rows + len(page.items)
    return taken, rows


async def plan(database: Database, query: Select[Any]) -> str:
    """Return what the database says it does."""
    explain = (
        "EXPLAIN QUERY PLAN" if database.connections.dialect == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF)"
    )
    async with database.connections.reading() as connection:
        compiled = query.compile(connection.sync_engine, compile_kwargs={"render_postcompile": True})
        found = await connection.exec_driver_sql(f"{explain} {compiled}", _parameters(compiled))
        return "\n".join(f"    {row[-1]}" for row in found)


def _parameters(compiled: Any) -> Any:
    values = compiled.construct_params()
    names = compiled.positiontup
    return values if names is None else tuple(values[name] for name in names)


@contextlib.asynccontextmanager
async def databases() -> AsyncIterator[dict[str, Database]]:
    """Lend an empty database of each kind."""
    server = PostgresServer()
    try:
        server.start()
        with tempfile.TemporaryDirectory() as folder:
            opened = {
                "SQLite": open_database(f"sqlite:///{folder}/parley.db"),
                "PostgreSQL": open_database(server.url(server.new_database())),
            }
            for database in opened.values():
                await database.migrate()
            yield opened
            for database in opened.values():
                await database.close()
    finally:
        server.stop()


async def report(name: str, database: Database, asked: argparse.Namespace) -> bool:
    """Fill, measure and print; return whether all pages came in time."""
    begun = time.perf_counter()
    await fill(database, asked.meetings, asked.each)
    taken = time.perf_counter() - begun
    print(
        f"\n{name}: {asked.meetings:,} meetings, {asked.meetings * asked.each:,} utterances, filled in {taken:.0f} s\n"
    )
    print("| page | rows | p50 ms | p95 ms | rows, deep | p50 | p95 |\n|---|---|---|---|---|---|---|")
    in_time = True
    place = int((BEGIN + timedelta(minutes=asked.meetings * (1 - DEPTH))).timestamp() * 1000)
    deep = {b"m": cursor_after(b"m", place), b"s": cursor_after(b"s", place << POSITION_BITS)}
    for kind in kinds(database, Talk().vocabulary):
        line = [kind.name]
        for cursor in (None, deep[kind.listing]):
            times, rows = await measure(kind, cursor)
            p95 = statistics.quantiles(times, n=20)[-1]
            in_time &= p95 < TARGET_MS
            line += [str(rows), f"{statistics.median(times):.1f}", f"{p95:.1f}"]
        print("|", " | ".join(line), "|", flush=True)
        for query in kind.queries if asked.plans else ():
            print(await plan(database, query))
    return in_time


async def main(asked: argparse.Namespace) -> bool:
    """Measure all databases."""
    async with databases() as opened:
        chosen = {name: database for name, database in opened.items() if asked.only in (None, name)}
        return all([await report(name, database, asked) for name, database in chosen.items()])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--meetings", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=10, help="utterances of a meeting")
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    parser.add_argument("--plans", action="store_true", help="print what the databases do for each kind of page")
    raise SystemExit(0 if anyio.run(main, parser.parse_args()) else 1)
