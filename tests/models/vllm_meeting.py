"""A recording through a real server over Canary, pyannote and vLLM, while somebody chats with the last."""

import io
import wave

import httpx
import numpy as np
import openai
from numpy.typing import NDArray

from tests.models.test_chat_clients import HELLO
from tests.models.vllm_server import MODEL


def wav(speech: NDArray[np.float32]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes((speech * 32_767).astype("<i2").tobytes())
    return file.getvalue()


async def over(http: httpx.AsyncClient, sound: bytes) -> str:
    """Upload a recording, and return its meeting's id once it is over."""
    query = {"title": "All three", "speakers": "2", "language": "en"}
    sent = await http.post("/api/meetings", content=sound, headers={"Content-Type": "audio/wav"}, params=query)
    assert sent.status_code == 202, sent.text
    id: str = sent.json()["id"]
    async with http.stream("GET", f"/api/meetings/{id}/events") as events:
        async for _ in events.aiter_bytes():
            pass
    return id


async def chats(url: str) -> int:
    """Chat a while with the model that also writes the summary, and return how many tokens it said."""
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=600) as client:
        said = await client.chat.completions.create(
            model=MODEL, messages=HELLO, max_tokens=100, extra_body={"ignore_eos": True}
        )
    assert said.usage is not None
    return said.usage.completion_tokens
