"""A server that speaks like ours, for states of the page that are hard to get for real."""

import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.web import canned, silence
from tests.web.canned import Json
from tests.web.fake_api import FakeApi, Refused
from tests.web.fake_models import error_of

WEB = Path(__file__).parents[2] / "web"
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
IDLE_SECONDS = 0.2
"""How often an event stream looks whether the server stops."""


class Door(BaseHTTPRequestHandler):
    """Files of the page, recordings, event streams; the rest is asked of `FakeApi`."""

    protocol_version = "HTTP/1.1"
    server: "FakeServer"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/v1/") or path == "/health/ready":
            return self._model()
        if not path.startswith("/api/"):
            return self._file(path)
        if path.endswith("/events"):
            return self._events(path.split("/")[3])
        if path.endswith("/audio"):
            return self._audio(path.split("/")[3])
        if path.endswith("/image"):
            return self._send(200, canned.picture(path.split("/")[5]), "image/svg+xml")
        return self._answer()

    def do_POST(self) -> None:
        if self.path.startswith("/v1/"):
            return self._model()
        return self._ask() if urlsplit(self.path).path.endswith("/ask") else self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {key: values[-1] for key, values in parse_qs(address.query).items()}
        try:
            status, answer = self.server.api.answer(self.command, unquote(address.path).split("/")[2:], query, body)
        except Refused as refused:
            problem = {"type": "about:blank", "title": "Refused", "status": refused.status, "detail": str(refused)}
            status, answer = refused.status, problem
        self._send(status, json.dumps(answer).encode(), "application/json")

    def _model(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {key: values[-1] for key, values in parse_qs(address.query).items()}
        try:
            self.server.api.refuse(f"{self.command} {address.path}")
            status, answer = self.server.api.served.answer(self.command, address.path, query, body)
        except Refused as refused:
            status, answer = refused.status, error_of(str(refused))
        if isinstance(answer, dict):
            return self._send(status, json.dumps(answer).encode(), "application/json")
        return self._stream(answer)

    def _stream(self, events: Iterator[Json]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for event in events:
                self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
                self.wfile.flush()
            self.wfile.write(b"data: [DONE]\n\n")
        except (BrokenPipeError, ConnectionResetError):
            return

    def _ask(self) -> None:
        """Answer a question with the events that the test has laid out."""
        api = self.server.api
        path = unquote(urlsplit(self.path).path).split("/")[2:]
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        api.calls.append(("POST", "/".join(path), body))
        events = "".join(f"data: {json.dumps(event)}\n\n" for event in api.answers.pop(0))
        self._send(200, events.encode(), "text/event-stream")

    def _file(self, path: str) -> None:
        file = (WEB / path.lstrip("/")).resolve()
        if not file.is_file() or not file.is_relative_to(WEB):
            file = WEB / "index.html"
        self._send(200, file.read_bytes(), mimetypes.guess_type(file.name)[0] or "application/octet-stream")

    def _send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store" if "json" in kind else "max-age=600")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _audio(self, id: str) -> None:
        seconds = self.server.api.meetings[id]["duration"] or 60.0
        size = silence.size(seconds)
        first, _, last = (self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last) + 1 if last else size, int(first) + 500_000, size)
        body = silence.part(seconds, start, end)
        self._send(206, body, "audio/wav", Content_Range=f"bytes {start}-{end - 1}/{size}", Accept_Ranges="bytes")

    def _events(self, id: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        given = int(parse_qs(urlsplit(self.path).query).get("after", ["0"])[0])
        try:
            for number, event in self.server.api.events_after(id, given, self.server.stopping, IDLE_SECONDS):
                told = (
                    f"id: {number}\ndata: {json.dumps({'seq': number, **event})}"
                    if number
                    else f"data: {json.dumps(event)}"
                )
                self.wfile.write(f"{told}\n\n".encode())
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return


class FakeServer(ThreadingHTTPServer):
    """Listens on a free port of loopback."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.api = FakeApi()
        """What it knows."""
        self.stopping = threading.Event()
        """Set when event streams are to end."""

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Browsers hang up in the middle of a recording: that is no error."""


@contextmanager
def serving() -> Iterator[FakeServer]:
    """Serve in a thread until the block is left."""
    server = FakeServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    with serving() as running:
        print(running.url, flush=True)
        threading.Event().wait()
