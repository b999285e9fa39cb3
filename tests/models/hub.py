"""A hub of models on loopback, as far as fetching a model needs one."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

COMMIT = "c" * 40


class Hub(BaseHTTPRequestHandler):
    """Answers for one model, whatever it is called, except `none/...`, which nobody knows."""

    protocol_version = "HTTP/1.1"
    files: ClassVar[Mapping[str, bytes]]
    gated: ClassVar[bool]

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/models/none/"):
            self.give(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif path.startswith("/api/models/"):
            siblings = [{"rfilename": name, "size": len(data)} for name, data in self.files.items()]
            listing = {"id": "some/model", "sha": COMMIT, "siblings": siblings}
            self.give(200, json.dumps(listing).encode(), {"Content-Type": "application/json"})
        elif self.gated:
            self.give(403, b"", {"X-Error-Code": "GatedRepo"})
        else:
            data = self.files[path.split("/resolve/")[1].partition("/")[2]]
            self.give(200, data, {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": COMMIT})

    def give(self, status: int, data: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def hub(files: Mapping[str, bytes], *, gated: bool = False) -> Iterator[str]:
    """Serve a model with these files and yield the address; a gated one is refused to everybody."""
    handler = type("Serving", (Hub,), {"files": files, "gated": gated})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
