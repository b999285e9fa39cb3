"""OpenAI's client over a server whose ears are Canary: languages by request, told apart, refused, translated."""

import asyncio
import base64
import io
import wave
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from numpy.typing import NDArray

from api.app import app_of, parts_of
from api.listen import free_place, listening
from api.settings import load
from tests.models import tiny_canary

pytestmark = pytest.mark.anyio
NINE = tiny_canary.LANGUAGES[:9]


@pytest.fixture(scope="module")
async def url(canary_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("server")
    told = {
        "PARLEY_DATA": str(folder),
        "PARLEY_ENGINES__ASR__ENGINE": "canary",
        "PARLEY_ENGINES__ASR__OPTIONS__FOLDER": str(canary_folder),
        "PARLEY_ENGINES__ASR__OPTIONS__PRESUMED": "de,en",
    }
    parts = parts_of(load(None, told))
    app = app_of(parts)
    host, port = free_place("127.0.0.1", 0)
    async with app.lifespan(), listening(app, host, port, parts.closing):
        yield f"http://{host}:{port}"


@pytest.fixture
async def client(url: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as made:
        yield made


def recording(speech: NDArray[np.float32]) -> tuple[str, bytes, str]:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((speech[: 8 * 16_000] * 32_767).astype("<i2").tobytes())
    return "talk.wav", held.getvalue(), "audio/wav"


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
async def test_a_recording_is_translated_into_english_and_from_it(
    client: openai.AsyncOpenAI, speech: NDArray[np.float32]
) -> None:
    into = await client.audio.translations.create(
        file=recording(speech), model="canary", extra_body={"language": "de"}, response_format="verbose_json"
    )
    assert into.language == "english"
    assert set(into.text.split()) <= set(tiny_canary.WORDS)
    out = await client.audio.translations.create(
        file=recording(speech), model="canary", extra_body={"language": "en", "to_language": "uk"}
    )
    assert set(out.text.split()) <= set(tiny_canary.WORDS)
    with pytest.raises(openai.BadRequestError, match="from de to fr"):
        await client.audio.translations.create(
            file=recording(speech), model="canary", extra_body={"language": "de", "to_language": "fr"}
        )


async def test_a_language_is_chosen_among_those_that_may_be_spoken(
    client: openai.AsyncOpenAI, url: str, speech: NDArray[np.float32]
) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=60) as plain:
        form = {"model": "canary", "response_format": "verbose_json", "languages[]": ["fr", "it"]}
        told = await plain.post("/v1/audio/transcriptions", data=form, files={"file": recording(speech)})
        assert told.status_code == 200, told.text
        assert told.json()["language"] in ("french", "italian") or not told.json()["words"]
        older = await plain.post("/api/audio/transcribe", files={"file": recording(speech)})
        assert older.status_code == 200, older.text
        assert older.json()["language"] in ("de", "en", None)
        strange = await plain.post(
            "/api/audio/transcribe", data={"languages": "de,tlh"}, files={"file": recording(speech)}
        )
        assert strange.status_code == 422 and "'tlh'" in strange.json()["detail"]
        meeting = await plain.post("/api/meetings", data={"language": "ja"}, files={"file": recording(speech)})
        assert meeting.status_code == 422 and "'ja'" in meeting.json()["detail"]
    with pytest.raises(openai.BadRequestError, match="'ja'"):
        await client.audio.transcriptions.create(file=recording(speech), model="canary", language="ja")


async def test_a_realtime_session_tells_the_language_among_those_that_may_be_spoken(
    client: openai.AsyncOpenAI, speech: NDArray[np.float32]
) -> None:
    sound = base64.b64encode((speech[: 8 * 16_000] * 32_767).astype("<i2").tobytes()).decode()
    where = "session.audio.input.transcription.languages"
    async with asyncio.timeout(60), client.realtime.connect(model="canary") as connection:
        await connection.recv()
        for languages, fault in (
            (["fr", "tlh"], "'tlh'; it speaks bg, hr, cs"),
            (["de"] * 3 + list(NINE), "At most 8"),
        ):
            await connection.send(update(languages))
            refused: Any = await connection.recv()
            assert (refused.type, refused.error.param) == ("error", where)
            assert fault in refused.error.message
        await connection.send(update(["french", "it"]))
        updated: Any = await connection.recv()
        assert updated.type == "session.updated"
        assert updated.session.audio.input.transcription.languages == ["fr", "it"]
        assert updated.session.audio.input.transcription.language is None
        for _ in range(2):
            await connection.input_audio_buffer.append(audio=sound)
            await connection.input_audio_buffer.commit()
        transcripts: list[str] = []
        while len(transcripts) < 2:
            event: Any = await connection.recv()
            assert not event.type.endswith("failed"), event
            if event.type.endswith("input_audio_transcription.completed"):
                transcripts.append(event.transcript)
    assert all(set(text.split()) <= set(tiny_canary.WORDS) for text in transcripts) and any(transcripts)


def update(languages: Sequence[str]) -> Any:
    """Return what a client says whose speakers may speak one of several languages."""
    told = {"format": {"type": "audio/pcm", "rate": 16000}, "turn_detection": None}
    asked = {"input": {**told, "transcription": {"model": "canary", "languages": list(languages)}}}
    return {"type": "session.update", "session": {"type": "transcription", "audio": asked}}
