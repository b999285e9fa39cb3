"""What stays open ends a few seconds after its key is revoked."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from litestar import get
from litestar.exceptions import LitestarException
from litestar.response import Stream

from api.doors.watch import EVERY_SECONDS, SIGNED_OUT, SignedOut, watched_http, watched_websocket
from tests.api.doors.house import AWAY, Clock, House, connect

pytestmark = pytest.mark.anyio


class Line:
    """What passes in both directions, and a key that may be revoked meanwhile."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.is_right = True
        self.asked = 0

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def receive(self) -> dict[str, Any]:
        return {"type": "websocket.receive", "text": "hello"}

    async def is_valid(self) -> bool:
        self.asked += 1
        return self.is_right


async def test_a_stream_is_cut_once_its_key_is_revoked() -> None:
    line, clock = Line(), Clock()
    send = watched_http(line.send, line.is_valid, clock)
    block = {"type": "http.response.body", "body": b"event", "more_body": True}
    for _ in range(100):
        await send(block)
    assert line.asked == 0
    clock.pass_by(EVERY_SECONDS)
    await send(block)
    await send(block)
    assert line.asked == 1
    line.is_right = False
    clock.pass_by(EVERY_SECONDS)
    with pytest.raises(SignedOut):
        await send(block)
    assert len(line.sent) == 102


async def test_a_websocket_is_closed_once_its_key_is_revoked() -> None:
    for direction in ("in", "out"):
        line, clock = Line(), Clock()
        receive, send = watched_websocket(line.receive, line.send, line.is_valid, clock)
        text = {"type": "websocket.send", "text": "caption"}
        await send(text)
        assert (await receive())["text"] == "hello"
        line.is_right = False
        clock.pass_by(EVERY_SECONDS)
        if direction == "out":
            await send(text)
        assert await receive() == {"type": "websocket.disconnect", "code": SIGNED_OUT}
        await send(text)
        assert line.sent == [text, {"type": "websocket.close", "code": SIGNED_OUT, "reason": "signed out"}]


async def test_a_recording_that_is_being_sent_stops(open_house: House) -> None:
    made = await open_house.key("alice")

    @get("/api/long")
    async def long() -> Stream:
        async def blocks() -> AsyncIterator[bytes]:
            yield b"before"
            await open_house.doors.keyring.revoke(made.row.id)
            open_house.clock.pass_by(EVERY_SECONDS)
            yield b"after"

        return Stream(blocks())

    open_house.app.register(long)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message.get("body", message["type"]))

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope: Any = {
        "type": "http", "method": "GET", "path": "/api/long", "raw_path": b"/api/long", "query_string": b"",
        "root_path": "", "scheme": "http", "http_version": "1.1", "client": AWAY, "server": ("localhost", 8000),
        "headers": [(b"host", b"localhost"), (b"x-api-key", made.text.encode())],
    }  # fmt: skip
    with pytest.raises(LitestarException, match="after response started"):
        await open_house.app(scope, receive, send)
    assert sent == ["http.response.start", b"before"]


async def test_a_live_meeting_ends_with_its_key(open_house: House) -> None:
    made = await open_house.key("alice")
    socket = await connect(open_house.app, headers={"x-api-key": made.text}, texts=["1", "2"], client=AWAY)
    assert socket.texts == [{"owner": "alice", "query": ""}, 1, 2]
