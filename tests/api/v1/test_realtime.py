"""WS /v1/realtime, spoken to by OpenAI's own realtime client, as it is today and as it was in the beta."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import msgspec
import numpy as np
import openai
import pytest
from anyio.to_thread import run_sync
from numpy.typing import NDArray
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from pipeline.score import word_errors
from tests.api.v1.speech import Speech, speech_server
from tests.sounds import shipped, speech

pytestmark = pytest.mark.anyio

OPENING = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness"
NONSENSE = (
    '{"type": "session.update", "session": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "no json",
    "[]",
    '{"type": 3}',
    '{"type": "response.create"}',
    '{"type": "input_audio_buffer.append", "audio": "!"}',
)
TRANSCRIPTION = "conversation.item.input_audio_transcription"


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Speech]:
    async with speech_server(tmp_path_factory.mktemp("realtime")) as started:
        yield started


def at_rate(name: str, seconds: float, rate: int, silence: float = 1.2) -> NDArray[np.int16]:
    """Return speech with silence behind it."""
    sound = speech(shipped(name))[: round(seconds * 16_000)]
    times = np.arange(round(seconds * rate)) / rate
    resampled = np.interp(times, np.arange(len(sound)) / 16_000, sound)
    return (np.pad(resampled, (0, round(silence * rate))) * 32_767).astype("<i2")


def mu_law(samples: NDArray[np.int16]) -> bytes:
    """Return samples in G.711 mu-law. Source: ITU-T G.711."""
    magnitude = np.minimum(np.abs(samples.astype(np.int32)), 32_635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(int) - 7
    code = ~((samples < 0) * 0x80 | exponent << 4 | (magnitude >> (exponent + 3)) & 0x0F) & 0xFF
    made: bytes = code.astype(np.uint8).tobytes()
    return made


def dial(realtime: Any, **more: Any) -> Any:
    """Connect; its events are of as many types as there are, so they are not told apart here."""
    return realtime.connect(**more)


def encoded(sound: bytes, size: int) -> list[str]:
    return [base64.b64encode(sound[at : at + size]).decode() for at in range(0, len(sound), size)]


async def heard(connection: Any, until: Callable[[Any], bool], seconds: float = 40) -> list[Any]:
    """Return events up to one."""
    events: list[Any] = []
    async with asyncio.timeout(seconds):
        while not events or not until(events[-1]):
            events.append(await connection.recv())
    return events


def of(events: list[Any], name: str) -> list[Any]:
    return [event for event in events if event.type == name]


async def test_voice_activity_cuts_items_and_words_come_while_people_speak(server: Speech) -> None:
    sound = at_rate("two_cities.wav", 9.0, 24_000).tobytes()
    async with (
        server.async_client() as client,
        dial(client.realtime, extra_query={"intent": "transcription"}) as connection,
    ):
        created = await connection.recv()
        assert created.type == "session.created"
        await connection.session.update(
            session={
                "type": "transcription",
                "audio": {
                    "input": {
                        "format": {"type": "audio/pcm", "rate": 24000},
                        "transcription": {"model": "gpt-4o-transcribe", "language": "en"},
                        "turn_detection": {"type": "server_vad", "silence_duration_ms": 600},
                    }
                },
                "include": ["item.input_audio_transcription.logprobs"],
            }
        )
        updated = await connection.recv()
        assert updated.type == "session.updated"
        assert updated.session.audio.input.turn_detection.threshold == 0.5
        for part in encoded(sound, 12_000):
            await connection.input_audio_buffer.append(audio=part)
            await asyncio.sleep(0)
        events = await heard(connection, lambda event: event.type == f"{TRANSCRIPTION}.completed")
    started = of(events, "input_audio_buffer.speech_started")[0]
    stopped = of(events, "input_audio_buffer.speech_stopped")[0]
    committed, added = of(events, "input_audio_buffer.committed")[0], of(events, "conversation.item.added")[0]
    completed = events[-1]
    assert started.item_id == stopped.item_id == committed.item_id == added.item.id == completed.item_id
    assert 600 < started.audio_start_ms < 1300 < stopped.audio_end_ms
    text = completed.transcript
    assert text.startswith("It was the best of times")
    assert completed.usage.type == "duration" and 1 < completed.usage.seconds < 10
    assert "".join(each.token for each in completed.logprobs) == text
    assert text.startswith(of(events, f"{TRANSCRIPTION}.delta")[0].delta)
    rows = (await server.parts.records.meetings("local")).items
    assert [row.source for row in rows] == ["realtime"]


async def test_commits_by_hand_at_16_khz_and_what_was_cleared_is_gone(server: Speech) -> None:
    sound = at_rate("two_cities.wav", 6.0, 16_000, silence=0.0).tobytes()
    other = at_rate("endgame_nagg_nell.wav", 4.0, 16_000, silence=0.0).tobytes()
    async with (
        server.async_client() as client,
        dial(client.realtime, model="whisper-1", extra_query={"intent": "transcription"}) as connection,
    ):
        await connection.recv()
        await connection.send(
            {
                "type": "session.update",
                "session": {
                    "type": "transcription",
                    "audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}, "turn_detection": None}},
                },
            }
        )
        assert (await connection.recv()).session.audio.input.format.rate == 16000
        await connection.input_audio_buffer.commit()
        empty = await connection.recv()
        assert (empty.type, empty.error.code) == ("error", "input_audio_buffer_commit_empty")
        await connection.input_audio_buffer.append(audio=base64.b64encode(other).decode())
        await connection.input_audio_buffer.clear()
        await connection.input_audio_buffer.append(audio=base64.b64encode(sound).decode())
        await connection.input_audio_buffer.commit()
        events = await heard(connection, lambda event: event.type == f"{TRANSCRIPTION}.completed")
        await connection.input_audio_buffer.append(audio=base64.b64encode(other).decode())
        await connection.input_audio_buffer.commit()
        more = await heard(connection, lambda event: event.type == f"{TRANSCRIPTION}.completed")
    assert events[0].type == "input_audio_buffer.cleared"
    assert not of(events, "input_audio_buffer.speech_started")
    assert events[-1].transcript.startswith("It was the best of times")
    assert "hear me" not in events[-1].transcript
    assert events[-1].usage.seconds == pytest.approx(6.0, abs=0.1)
    assert "".join(event.delta for event in of(events, f"{TRANSCRIPTION}.delta")) == events[-1].transcript
    assert "hear me" in more[-1].transcript
    assert of(more, "input_audio_buffer.committed")[0].previous_item_id == events[-1].item_id


# OpenAI's client opens its socket in a way that websockets 17 is about to drop.
@pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager:DeprecationWarning")
async def test_beta_client_over_g711(server: Speech) -> None:
    sound = mu_law(at_rate("two_cities.wav", 6.0, 8_000))

    def talk() -> list[Any]:
        with (
            server.client() as client,
            dial(client.beta.realtime, model="whisper-1", extra_query={"intent": "transcription"}) as connection,
        ):
            events: list[Any] = [connection.recv()]
            connection.transcription_session.update(
                session={
                    "input_audio_format": "g711_ulaw",
                    "input_audio_transcription": {"model": "whisper-1", "language": "en"},
                    "turn_detection": {"type": "server_vad", "threshold": 0.4},
                }
            )
            for part in encoded(sound, 4_000):
                connection.input_audio_buffer.append(audio=part)
            while events[-1].type != f"{TRANSCRIPTION}.completed":
                events.append(connection.recv())
            return events

    events = await run_sync(talk)
    assert events[0].type == "transcription_session.created"
    assert events[1].type == "transcription_session.updated"
    assert events[1].session.input_audio_format == "g711_ulaw"
    assert of(events, "conversation.item.created")
    assert word_errors("It was the best of times", events[-1].transcript[:25]).wer < 0.4


async def test_segments_say_who_speaks(server: Speech) -> None:
    sound = at_rate("endgame_nagg_nell.wav", 14.5, 24_000)
    async with (
        server.async_client() as client,
        dial(client.realtime, model="gpt-4o-transcribe-diarize", extra_query={"intent": "transcription"}) as talk,
    ):
        for part in encoded(sound.tobytes(), 48_000):
            await talk.input_audio_buffer.append(audio=part)
        segments: list[Any] = []
        done = 0
        async with asyncio.timeout(40):
            async for event in talk:
                segments += of([event], f"{TRANSCRIPTION}.segment")
                done += event.type == f"{TRANSCRIPTION}.completed"
                if any("heartily" in segment.text and segment.start > 11.5 for segment in segments):
                    break
    speakers = [segment.speaker for segment in segments if segment.end - segment.start > 1.5]
    assert len(set(speakers)) == 2
    assert all(0 <= segment.start < segment.end < 16 for segment in segments)


@pytest.mark.parametrize(
    ("param", "asked"),
    [
        ("session.audio.input.noise_reduction", {"noise_reduction": {"type": "near_field"}}),
        ("session.audio.input.turn_detection.type", {"turn_detection": {"type": "semantic_vad"}}),
        ("session.audio.input.turn_detection.threshold", {"turn_detection": {"type": "server_vad", "threshold": 3}}),
        ("session.audio.input.transcription.language", {"transcription": {"model": "whisper-1", "language": "de"}}),
        ("session.audio.input.transcription.languages", {"transcription": {"languages": ["en", "de"]}}),
        ("session.audio.input.transcription.languages", {"transcription": {"language": "en", "languages": ["de"]}}),
        ("session.audio.input.transcription.prompt", {"transcription": {"model": "whisper-1", "prompt": "Names"}}),
        ("model", {"transcription": {"model": "whisper-9"}}),
        ("session.audio.input.format.rate", {"format": {"type": "audio/pcm", "rate": 8000}}),
    ],
)
async def test_what_cannot_be_done_is_an_error(server: Speech, param: str, asked: dict[str, Any]) -> None:
    async with server.async_client() as client, dial(client.realtime) as connection:
        await connection.recv()
        session = {"type": "transcription", "audio": {"input": asked}}
        await connection.send({"type": "session.update", "event_id": "mine", "session": session})
        refused = await connection.recv()
    assert (refused.type, refused.error.param, refused.error.event_id) == ("error", param, "mine")
    assert len(refused.error.message) > 20


async def test_nonsense_is_told_and_the_session_goes_on(server: Speech) -> None:
    async with connect(f"{server.url.replace('http', 'ws')}/v1/realtime?intent=transcription") as socket:
        await socket.recv()
        for said in NONSENSE:
            await socket.send(said)
            told = msgspec.json.decode(await socket.recv())
            assert told["type"] == "error" and told["error"]["message"], said
        await socket.send('{"type": "input_audio_buffer.clear"}')
        assert msgspec.json.decode(await socket.recv())["type"] == "input_audio_buffer.cleared"
    async with connect(f"{server.url.replace('http', 'ws')}/v1/realtime?model=gpt-realtime") as socket:
        told = msgspec.json.decode(await socket.recv())
        assert told["error"]["code"] == "model_not_found"
        with pytest.raises(ConnectionClosed):
            await socket.recv()


async def test_client_secrets_open_a_session_with_their_settings(server: Speech) -> None:
    async with server.async_client() as client:
        secret = await client.realtime.client_secrets.create(
            expires_after={"anchor": "created_at", "seconds": 60},
            session={"type": "transcription", "audio": {"input": {"turn_detection": None}}},
        )
        with pytest.raises(openai.BadRequestError):
            await client.realtime.client_secrets.create(session={"type": "realtime"})
    assert secret.value.startswith("ek_")
    assert secret.session.type == "transcription"
    async with server.async_client(secret.value) as client, dial(client.realtime) as connection:
        created = await connection.recv()
    assert created.type == "session.created"
    assert created.session.audio.input.turn_detection is None


async def test_keys_in_header_query_and_sub_protocol(server: Speech, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Last of its file: from the first key on, the server asks for one."""
    async with httpx.AsyncClient(base_url=server.url) as plain:
        made = await plain.post("/api/keys", json={"name": "root", "role": "admin"})
        assert made.status_code == 201, made.text
        key = made.json()["key"]
    url = f"{server.url.replace('http', 'ws')}/v1/realtime?intent=transcription"
    wrong_header = {"Authorization": "Bearer ek_1"}
    for wrong in (connect(url), connect(f"{url}&api_key=pk_1_2"), connect(url, additional_headers=wrong_header)):
        with pytest.raises(InvalidStatus):
            async with wrong as socket:
                await socket.recv()
    offered = ("realtime", f"openai-insecure-api-key.{key}", "openai-beta.realtime-v1")
    protocols = [Subprotocol(each) for each in offered]
    async with server.async_client(key) as client:
        secret = (await client.realtime.client_secrets.create(session={"type": "transcription"})).value
    for right in (
        connect(url, additional_headers={"Authorization": f"Bearer {key}"}),
        connect(f"{url}&api_key={key}"),
        connect(url, subprotocols=protocols),
        connect(url, subprotocols=[*protocols[:1], Subprotocol(f"openai-insecure-api-key.{secret}")]),
        connect(url, additional_headers={"Authorization": f"Bearer {secret}"}),
    ):
        async with right as socket:
            assert msgspec.json.decode(await socket.recv())["type"].endswith("session.created")
    async with httpx.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {secret}"}) as thief:
        assert (await thief.get("/api/meetings")).status_code == 401
