"""Measures what the doors cost: CPU time per request, in front of an application that does nothing.

Run: python -m tests.bench.doors [ROUNDS]. Each way in is measured bare and through the doors, interleaved.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from api.doors.callers import Callers
from api.doors.front import Front
from api.doors.keyring import Keyring
from api.doors.settings import DoorSettings
from api.doors.sign_ins import SignIns
from storage.database.database import open_database
from storage.rows import MeetingRow

REQUESTS = 5_000
HEADERS = [
    (b"host", b"localhost:8000"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0"),
    (b"accept", b"application/json"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"accept-language", b"en-GB,en;q=0.9,de;q=0.8"),
    (b"referer", b"http://localhost:8000/"),
    (b"sec-fetch-dest", b"empty"),
    (b"sec-fetch-mode", b"cors"),
    (b"sec-fetch-site", b"same-origin"),
    (b"connection", b"keep-alive"),
]
ANSWER = [(b"content-type", b"application/json"), (b"content-length", b"2")]

App = Callable[[Any, Any, Any], Awaitable[None]]


class Cost(msgspec.Struct, frozen=True):
    """What one way in costs."""

    bare_us: float
    """Microseconds of CPU per request without the doors, median of the rounds."""
    added_us: float
    """Microseconds of CPU per request that the doors add, median of the rounds."""


async def answers(scope: Any, receive: Any, send: Any) -> None:
    """Answer at once."""
    if scope.get("auth") is not None:
        scope["auth"].is_open = True
    await send({"type": "http.response.start", "status": 200, "headers": [*ANSWER]})
    await send({"type": "http.response.body", "body": b"{}"})


async def receive() -> Any:
    """Give no body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Any) -> None:
    """Take everything."""


async def cpu_us(app: App, headers: list[tuple[bytes, bytes]]) -> float:
    """Return CPU time per request in microseconds."""
    began = time.process_time()
    for _ in range(REQUESTS):
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/meetings",
            "query_string": b"limit=50",
            "headers": headers,
            "client": ("127.0.0.1", 40_000),
            "scheme": "http",
        }
        await app(scope, receive, send)
    return (time.process_time() - began) / REQUESTS * 1e6


async def no_share(token: str) -> MeetingRow:
    """Open nothing."""
    raise NotImplementedError


async def measured(rounds: int) -> dict[str, Cost]:
    """Measure every way in."""
    settings = DoorSettings()
    with tempfile.TemporaryDirectory() as folder:
        records = open_database(f"sqlite:///{Path(folder) / 'parley.db'}")
        await records.migrate()
        callers = Callers(records, no_share)
        front = Front(answers, settings, callers)
        found = {"no keys": await _cost(front, HEADERS, rounds)}
        key = await Keyring(records, changed=callers.forget).add("bench", "admin", limits={"requests_per_minute": 1e12})
        cookie = (await SignIns(settings, records, callers).sign_in(key.text, "127.0.0.1")).cookie
        shown = {
            "key": (b"authorization", f"Bearer {key.text}".encode()),
            "cookie": (b"cookie", f"theme=dark; parley={cookie}".encode()),
            "wrong key": (b"authorization", b"Bearer pk_000000000000_" + b"0" * 64),
        }
        for name, header in shown.items():
            found[name] = await _cost(front, [*HEADERS, header], rounds)
        found["anonymous, open route"] = await _cost(front, HEADERS, rounds)
        await records.close()
    return found


async def _cost(front: App, headers: list[tuple[bytes, bytes]], rounds: int) -> Cost:
    bare, added = [], []
    for _ in range(rounds):
        alone = await cpu_us(answers, headers)
        bare.append(alone)
        added.append(await cpu_us(front, headers) - alone)
    return Cost(statistics.median(bare), statistics.median(added))


def main() -> None:
    """Print a table."""
    found = asyncio.run(measured(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
    print(f"{'way in':<24}{'bare us':>10}{'added us':>10}   ({REQUESTS} requests a round)")
    for name, cost in found.items():
        print(f"{name:<24}{cost.bare_us:>10.2f}{cost.added_us:>10.2f}")


if __name__ == "__main__":
    main()
