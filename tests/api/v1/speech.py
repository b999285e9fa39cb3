"""A whole server with doors, live meetings, the gateway and the real engines, for clients of /v1."""

import io
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from openai import AsyncOpenAI, OpenAI

from api.app import Parts, app_of, parts_of
from api.listen import free_place, listening
from api.settings import Settings
from api.v1.audio.ears import Ears
from api.v1.audio.mount import audio_routes, serve_speech
from pipeline.gateway.providers import Provider
from pipeline.gateway.switchboard import Switchboard

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
        return OpenAI(base_url=f"{self.url}/v1", api_key=key, max_retries=0, _strict_response_validation=True)

    def async_client(self, key: str = "none") -> AsyncOpenAI:
        """Return the same for asyncio."""
        return AsyncOpenAI(base_url=f"{self.url}/v1", api_key=key, max_retries=0, _strict_response_validation=True)


@asynccontextmanager
async def speech_server(folder: Path, providers: Sequence[Provider] = ()) -> AsyncIterator[Speech]:
    """Start a server in a folder."""
    parts = parts_of(Settings(data=folder))
    board = Switchboard(providers, {}, parts.records)
    ears = Ears(parts.pool, parts.scratch)
    serve_speech(board, ears)
    app = app_of(parts)
    for route in audio_routes(board, ears, parts.scratch, LARGEST):
        app.register(route)
    async with AsyncExitStack() as ends:
        await ends.enter_async_context(app.lifespan())
        await ends.enter_async_context(board.running())
        if board.targets():
            await board.look()
        host, port = free_place("127.0.0.1", 0)
        await ends.enter_async_context(listening(app, host, port, parts.closing))
        yield Speech(f"http://{host}:{port}", parts, board)


def wav(samples: NDArray[np.float32], rate: int = 16_000) -> bytes:
    """Return samples as a WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return made.getvalue()
