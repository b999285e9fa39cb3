"""A hub of models on loopback, as far as fetching a model needs one, with the failures that a test asks for."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c" * 40
LARGE = 1_000
"""Files of so many bytes are large ones: known by SHA-256, and served after a redirect."""
TOKEN = "hf_right"


class Hub(ThreadingHTTPServer):
    """Serves one model, whatever it is called, except `none/...`, which nobody knows, and `others`."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = dict(files)
        self.others: dict[str, Mapping[str, bytes]] = {}
        """Files of further models, by id."""
        self.commit = COMMIT
        self.claimed: dict[str, int] = {}
        """Sizes that it claims, where they are not true."""
        self.gated = False
        """Whether only `TOKEN` reads it."""
        self.ranges = True
        """Whether a file can be read from the middle on."""
        self.cut_after: list[int] = []
        """Bytes after which the next answers with a file break off."""
        self.statuses: list[int] = []
        """Statuses that the next answers have instead."""
        self.damaged = 0
        """Answers with a file that hold a wrong byte."""
        self.held = threading.Event()
        """While it is not set, files stop after their first bytes."""
        self.held.set()
        self.asked: list[tuple[str, str | None, str | None]] = []
        """Path, range and authorization of each request."""

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def files_asked(self) -> list[tuple[str, str | None]]:
        """Name and range of each file that was asked for."""
        found = [(path.split("/resolve/")[1], range_) for path, range_, _ in self.asked if "/resolve/" in path]
        return [(path.partition("/")[2], range_) for path, range_ in found]


class Answer(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    server: Hub

    def do_GET(self) -> None:
        hub, path = self.server, self.path.partition("?")[0]
        hub.asked.append((path, self.headers["Range"], self.headers["Authorization"]))
        if hub.statuses:
            self.give(hub.statuses.pop(0), b"", {"Retry-After": "0"})
        elif path.startswith("/api/models/none/"):
            self.give(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif path.startswith("/api/models/"):
            files = self.of(path.removeprefix("/api/models/"))
            self.give(200, json.dumps(self.listing(files)).encode(), {"Content-Type": "application/json"})
        elif hub.gated and self.headers["Authorization"] != f"Bearer {TOKEN}" and "/resolve/" in path:
            self.give(403 if self.headers["Authorization"] else 401, b"", {"X-Error-Code": "GatedRepo"})
        elif path.startswith("/blobs/"):
            model, _, name = path.removeprefix("/blobs/").partition("/files/")
            self.file(self.of(model)[name])
        else:
            model, _, rest = path.removeprefix("/").partition("/resolve/")
            self.resolve(model, rest.partition("/")[2])

    def of(self, path: str) -> Mapping[str, bytes]:
        """Return the files of the model with which a path begins."""
        return self.server.others.get("/".join(path.split("/")[:2]), self.server.files)

    def listing(self, served: Mapping[str, bytes]) -> object:
        files = []
        for name, data in served.items():
            size = self.server.claimed.get(name, len(data))
            large = {"lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": size}}
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            files.append({"rfilename": name, "size": size, "blobId": blob, **(large if len(data) >= LARGE else {})})
        return {"id": "some/model", "sha": self.server.commit, "siblings": files}

    def resolve(self, model: str, name: str) -> None:
        data = self.of(model)[name]
        if len(data) >= LARGE:
            # The hub keeps large files on another host, which is not to see the token.
            self.give(302, b"", {"Location": f"http://localhost:{self.server.server_port}/blobs/{model}/files/{name}"})
        else:
            self.file(data)

    def file(self, data: bytes) -> None:
        hub, start = self.server, 0
        if self.headers["Range"] and hub.ranges:
            start = int(self.headers["Range"].removeprefix("bytes=").partition("-")[0])
            if start >= len(data):
                return self.give(416, b"", {})
        sent = bytearray(data[start:])
        if hub.damaged:
            hub.damaged -= 1
            sent[-1] ^= 1
        extra = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        self.give(206 if start else 200, bytes(sent), extra, hub.cut_after.pop(0) if hub.cut_after else None)
        return None

    def give(self, status: int, data: bytes, headers: Mapping[str, str], cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if not self.server.held.is_set():
            self.wfile.write(data[:10])
            data = data[10:]
            self.server.held.wait()
        self.wfile.write(data[:cut])
        self.wfile.flush()
        if cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def hub(files: Mapping[str, bytes]) -> Iterator[Hub]:
    """Serve a model with these files."""
    server = Hub(files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.held.set()
        server.shutdown()
        thread.join()
        server.server_close()
