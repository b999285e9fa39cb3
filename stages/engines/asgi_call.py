"""A request -> an application within our process, and its answer to a listener: no port, no HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from stages.chat import Listener
from stages.engine_errors import EngineError

Message = dict[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


async def ask(app: App, path: str, body: bytes, listener: Listener, gone: asyncio.Event) -> None:
    """Have a POST answered. Once `gone` is set, the application hears that its client has left.

    Source: ASGI 3.0, HTTP connection scope. Its version is 2.3, in which applications listen for the disconnect while
    they stream; later ones wait for a send that fails.
    """
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if gone.is_set():
            return
        if message["type"] == "http.response.start":
            listener.begin(int(message["status"]), dict(message["headers"]).get(b"content-type", b"").decode("latin-1"))
        elif message["type"] == "http.response.body" and message.get("body"):
            listener.part(bytes(message["body"]))

    await _to_its_end(app(_scope(path, len(body)), receive, send), listener)


async def _to_its_end(answering: Awaitable[None], listener: Listener) -> None:
    """Wait for an answer's end, and tell the listener how it ended."""
    try:
        await answering
        listener.end()
    except asyncio.CancelledError:
        listener.end(EngineError("The engine was unloaded before it had answered. Ask again."))
        raise
    except Exception as error:  # noqa: BLE001 - the application is foreign, and the listener is whom to tell
        listener.end(EngineError(f"The engine broke: {type(error).__name__}: {error}"))


def _scope(path: str, length: int) -> Message:
    headers = [(b"host", b"engine"), (b"content-type", b"application/json"), (b"content-length", b"%d" % length)]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": ("engine", 80),
        "state": {},
    }
