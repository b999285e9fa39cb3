"""What a page sends over its connections at /api/live, and what it is told there."""

import json
from typing import Any

from playwright.sync_api import Page, WebSocket


class Wire:
    """Listens to all connections of a page, the first and those after a break."""

    def __init__(self, page: Page) -> None:
        self.starts: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.sound = bytearray()
        """Bytes at the places where they were sent; raw samples only."""
        page.on("websocket", self._opened)

    @property
    def acknowledged(self) -> int:
        return max((told["samples"] for told in self.told if told["type"] == "ack"), default=0)

    def _opened(self, socket: WebSocket) -> None:
        if not socket.url.endswith("/api/live"):
            return
        place = 0

        def sent(frame: str | bytes) -> None:
            nonlocal place
            if isinstance(frame, bytes):
                self.sound[place : place + len(frame)] = frame
                place += len(frame)
            elif (message := json.loads(frame))["type"] == "start":
                self.starts.append(message)
                place = message.get("first", 0) * 2

        def received(frame: str | bytes) -> None:
            nonlocal place
            told = json.loads(frame)
            self.told.append(told)
            if told["type"] == "ready" and "first" not in self.starts[-1]:
                place = told.get("next_sample", 0) * 2  # the page goes on where the server says

        socket.on("framesent", sent)
        socket.on("framereceived", received)
