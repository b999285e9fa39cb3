"""A real receiver of webhooks, which answers as the test says and keeps what came."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anyio
import msgspec

from pipeline.webhooks.shape import WebhookSettings
from tests.api.served import Served

LOCAL = WebhookSettings(allowed=("127.0.0.0/8",), retry_seconds=(0.1, 0.1, 0.1))
"""For a receiver on this machine."""


class Came(msgspec.Struct, frozen=True):
    """A request that came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found


class Receiver:
    """Answers 200, or what `answers` holds first."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self.answers: list[int] = []
        self.came: list[Came] = []


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen on a free port of loopback."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.came.append(Came(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.send_header("location", "http://127.0.0.1:1/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def made(s: Served, **wish: Any) -> dict[str, Any]:
    """Make a webhook."""
    answer = await s.client.post("/api/webhooks", json=wish)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def settled(s: Served, hook: str, event: str | None = None) -> dict[str, Any]:
    """Return the newest delivery, or that of an event, once it is over."""
    with anyio.fail_after(60):
        while True:
            items = (await s.client.get(f"/api/webhooks/{hook}/deliveries")).json()["items"]
            for each in items:
                if event in (None, each["event"]) and each["state"] != "waiting":
                    found: dict[str, Any] = each
                    return found
            await anyio.sleep(0.05)
