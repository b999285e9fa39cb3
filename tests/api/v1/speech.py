"""A whole server with doors, live meetings, the gateway and the real engines, for clients of /v1."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from litestar import Litestar
from numpy.typing import NDArray
from openai import AsyncOpenAI, OpenAI

from api.app import app_of, parts_of
from api.caller import LOCAL_ADMIN
from api.listen import free_place, listening
from api.parts import Parts
from api.settings import Settings
from api.v1.audio.ears import Ears
from api.v1.audio.mount import audio_routes
from pipeline.gateway.providers import Provider
from pipeline.gateway.switchboard import Switchboard
from pipeline.keeping import Keeping

LARGEST = 20_000_000
"""Bytes of a recording in tests."""


class Speech(msgspec.Struct, frozen=True):
    """A server that listens."""

    url: str
    """Its address, without /v1."""
    parts: Parts
    """What it is made of."""
    board: Switchboard
    """Who serves which model."""

    def client(self, key: str = "none") -> OpenAI:
        """Return OpenAI's client, which refuses every answer that is not as specified."""
        return OpenAI(**self._own(key), _strict_response_validation=True)

    def async_client(self, key: str = "none") -> AsyncOpenAI:
        """Return the same for asyncio."""
        return AsyncOpenAI(**self._own(key), _strict_response_validation=True)

    def _own(self, key: str) -> dict[str, Any]:
        base = f"{self.url}/v1"
        return {
            "base_url": base,
            "websocket_base_url": base.replace("http", "ws"),
            "api_key": key,
            "max_retries": 0,
        }


@asynccontextmanager
async def speech_server(folder: Path) -> AsyncIterator[Speech]:
    """Start a server in a folder."""
    parts = parts_of(Settings(data=folder, keeping=Keeping(largest_upload=LARGEST)))
    app = app_of(parts)
    async with app.lifespan(), _listening(app, parts.closing) as url:
        yield Speech(url, parts, parts.board)


@asynccontextmanager
async def speech_front(behind: Speech, *providers: Provider) -> AsyncIterator[Speech]:
    """Start a gateway that has no engines, only providers."""
    parts = behind.parts
    board = Switchboard(providers, {}, parts.records)
    routes = audio_routes(board, Ears(parts.pool, parts.scratch), parts.scratch, LARGEST, lambda _: LOCAL_ADMIN)
    app = Litestar([*routes], openapi_config=None, logging_config=None)
    async with board.running():
        await board.look()
        async with _listening(app, asyncio.Event()) as url:
            yield Speech(url, parts, board)


@asynccontextmanager
async def _listening(app: Litestar, closing: asyncio.Event) -> AsyncIterator[str]:
    host, port = free_place("127.0.0.1", 0)
    async with listening(app, host, port, closing):
        yield f"http://{host}:{port}"


def wav(samples: NDArray[np.float32], rate: int = 16_000) -> bytes:
    """Return samples as a WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return made.getvalue()
