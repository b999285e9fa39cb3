"""Two API nodes that start together on an empty database, again and again: python -m tests.bench.starts [--times 20].

Real servers on a real PostgreSQL. Fails if a node does not come up or logs an error, or if a table was not made once.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.cluster.cluster import REAL, Node
from tests.storage.postgres_server import USER, PostgresServer
from tests.storage.swift_server import free_ports

NODES = 2


def main() -> int:
    """Start them so often, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    postgres = PostgresServer(connections=100)
    wrong, began = [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="parley-starts-") as folder:
        postgres.start()
        try:
            for number in range(times):
                wrong += start_together(postgres, Path(folder) / str(number))
        finally:
            postgres.stop()
    said = "; ".join(wrong) or "one migration each time, no error"
    print(f"{times} times {NODES} nodes on an empty database, {time.monotonic() - began:.0f} s: {said}")
    return 1 if wrong else 0


def start_together(postgres: PostgresServer, folder: Path) -> list[str]:
    """Start the nodes at one moment on a new database; return what went wrong."""
    name = postgres.new_database()
    postgres.execute(_LOGGED, name)
    environment = {"PARLEY_DATABASE": postgres.url(name), "PARLEY_STORE": str(folder / "artifacts")}
    nodes = [
        Node(f"api-{number}", "api", port, folder / str(number), REAL) for number, port in enumerate(free_ports(NODES))
    ]
    try:
        for node in nodes:
            node.start(environment)
        wrong = [f"{node.name} did not start" for node in nodes if not _comes_up(node)]
    finally:
        for node in nodes:
            node.end()
    for node in nodes:
        log = (node.folder / "log").read_text(encoding="utf-8")
        wrong += [f"{node.name}: {line}" for line in log.splitlines() if "ERROR" in line or "Traceback" in line]
        if node.process is None or node.process.returncode != 0:
            wrong.append(f"{node.name} did not end well")
    for table, count in _made(postgres, name):
        if count != 1:
            wrong.append(f"{table} was created {count} times")
    return wrong


def _comes_up(node: Node, patience_seconds: float = 120.0) -> bool:
    deadline = time.monotonic() + patience_seconds
    while node.runs and time.monotonic() < deadline:
        if node.answers():
            return True
        time.sleep(0.1)
    return False


_LOGGED = psycopg.sql.SQL("""
CREATE TABLE made (what text);
CREATE FUNCTION note_table() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.made
    SELECT object_identity FROM pg_event_trigger_ddl_commands() WHERE command_tag = 'CREATE TABLE';
END $$;
CREATE EVENT TRIGGER noted ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION note_table();
""")
"""PostgreSQL itself counts how often each table is made."""


def _made(postgres: PostgresServer, database: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dbname=database, user=USER, host=str(postgres.folder)) as connection:
        query = "SELECT what, count(*) FROM made WHERE what LIKE 'public.%' AND what <> 'public.made' GROUP BY what"
        found = connection.execute(query).fetchall()
    return found or [("no table", 0)]


if __name__ == "__main__":
    sys.exit(main())
