"""A scripted model that sees: real HTTP on loopback; each picture takes it a fixed time."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

from pipeline.gateway.providers import Provider


class Seer:
    """Its behaviour is set on it."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        """How long it looks at a picture."""
        self.says: Callable[[bytes], str] = lambda picture: msgspec.json.encode(
            {"title": picture.decode(), "text": f"It shows {picture.decode()}."}
        ).decode()
        """Picture -> answer."""
        self.status = 200
        """What it answers with."""
        self.seen: list[bytes] = []
        """Pictures, in order."""
        self.open = self.most_open = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Provider]:
        """Listen; yields a provider that serves it."""
        app = web.Application(client_max_size=2**26)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield Provider(url=url, name="seer", models=("seer",), model_type="image-text-to-text", connect_seconds=2)
        finally:
            await runner.cleanup()

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "seer", "object": "model"}]})

    async def _chat(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        part, _ = body["messages"][1]["content"]
        picture = base64.b64decode(part["image_url"]["url"].partition(",")[2])
        self.seen.append(picture)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.open -= 1
        if self.status != 200:
            return web.json_response({"error": {"message": "Not now."}}, status=self.status)
        message = {"role": "assistant", "content": self.says(picture)}
        return web.json_response({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
