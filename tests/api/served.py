"""The real server on a real port, with toy stages in the place of models."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from api.app import WEB, app_of, parts_of
from api.listen import free_place, listening
from api.parts import Parts
from api.settings import Settings
from pipeline.gateway.providers import Provider
from pipeline.keeping import Keeping
from pipeline.live.limits import LiveLimits
from pipeline.process import StepsOf
from pipeline.steps import live_steps_of
from tests.pipeline.toy_server import sound_file, toy_steps


class Served(msgspec.Struct, frozen=True):
    """A server that listens."""

    client: httpx.AsyncClient
    """Talks to it."""
    parts: Parts
    """What it is made of."""
    port: int
    """On 127.0.0.1."""

    async def upload(self, data: bytes | None = None, **query: Any) -> dict[str, Any]:
        """Send a recording, and return its meeting once it is done."""
        answer = await self.client.post(
            "/api/meetings", content=data or sound_file(3), headers={"Content-Type": "audio/wav"}, params=query
        )
        assert answer.status_code == 202, answer.text
        return await self.done(answer.json()["id"])

    async def done(self, id: str) -> dict[str, Any]:
        """Return a meeting once it is over."""
        async with self.client.stream("GET", f"/api/meetings/{id}/events") as events:
            assert events.status_code in (200, 204)
            async for _ in events.aiter_bytes():
                pass
        found: dict[str, Any] = (await self.client.get(f"/api/meetings/{id}")).json()
        return found


@asynccontextmanager
async def served(
    folder: Path,
    *,
    keeping: Keeping | None = None,
    steps_of: StepsOf = toy_steps,
    web: Path = WEB,
    live: LiveLimits | None = None,
    live_steps_of: StepsOf = live_steps_of,
    providers: tuple[Provider, ...] = (),
    more: Mapping[str, Any] | None = None,
) -> AsyncGenerator[Served, None]:
    """Start a server in a folder of its own."""
    settings = Settings(
        data=folder,
        keeping=keeping or Keeping(),
        live=live or LiveLimits(),
        providers=providers,
        **(more or {}),
    )
    async with serving(parts_of(settings, steps_of, live_steps_of), web, seconds=30) as s:
        yield s


@asynccontextmanager
async def serving(parts: Parts, web: Path = WEB, *, seconds: float = 60) -> AsyncGenerator[Served, None]:
    """Serve parts on a free port; a request takes so long at most."""
    app = app_of(parts, web)
    host, port = free_place("127.0.0.1", 0)
    async with (
        app.lifespan(),
        listening(app, host, port, parts.closing),
        httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=seconds) as client,
    ):
        yield Served(client, parts, port)


async def raw(port: int, request: bytes, *, half_closed: bool = False) -> bytes:
    """Send bytes as they are, and return everything that comes back until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    if half_closed:
        writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer
