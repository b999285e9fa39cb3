"""POST /v1/audio/transcriptions and translations, asked by OpenAI's own client over real engines."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from anyio.to_thread import run_sync
from openai.types.audio import TranscriptionDiarized, TranscriptionVerbose

from pipeline.gateway.providers import Provider
from pipeline.score import word_errors
from tests.api.v1.speech import LARGEST, Speech, speech_front, speech_server, wav
from tests.sounds import shipped, speech

pytestmark = pytest.mark.anyio

OPENING = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness"
READER, ACTORS = shipped("two_cities.wav"), shipped("endgame_nagg_nell.wav")


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Speech]:
    async with speech_server(tmp_path_factory.mktemp("speech")) as started:
        yield started


def reading(seconds: float = 9.0) -> tuple[str, bytes]:
    return "reading.wav", wav(speech(READER)[: round(seconds * 16_000)])


def is_opening(text: str) -> bool:
    return word_errors(OPENING, text).wer < 0.2


async def test_json_with_its_length(server: Speech) -> None:
    async with server.async_client() as client:
        said = await client.audio.transcriptions.create(file=reading(), model="whisper-1", language="en", temperature=0)
    assert is_opening(said.text)
    assert said.usage is not None
    assert (said.usage.type, round(said.usage.seconds)) == ("duration", 9)  # type: ignore[union-attr]


async def test_sync_client_and_plain_formats(server: Speech) -> None:
    def ask() -> tuple[Any, Any, Any]:
        with server.client() as client:
            make = client.audio.transcriptions.create
            return (
                make(file=reading(), model="moonshine", response_format="text"),
                make(file=reading(), model="gpt-4o-transcribe", response_format="srt"),
                make(file=reading(), model="UsefulSensors/moonshine-tiny", response_format="vtt"),
            )

    text, srt, vtt = await run_sync(ask)
    assert is_opening(text)
    assert srt.startswith("1\n00:00:0")
    assert " --> " in srt and "2\n" in srt
    assert vtt.startswith("WEBVTT\n\n00:00:0")
    assert "Unknown" not in vtt


async def test_verbose_json_with_words_and_segments(server: Speech) -> None:
    async with server.async_client() as client:
        said = await client.audio.transcriptions.create(
            file=reading(),
            model="whisper-1",
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
        )
        words_only = await client.audio.transcriptions.create(
            file=reading(4), model="whisper-1", response_format="verbose_json", timestamp_granularities=["word"]
        )
    assert isinstance(said, TranscriptionVerbose)
    assert (said.language, round(said.duration)) == ("english", 9)
    assert said.words is not None and said.segments is not None
    assert " ".join(word.word for word in said.words) == said.text
    assert all(0 <= word.start < word.end <= 9 for word in said.words)
    assert [segment.id for segment in said.segments] == list(range(len(said.segments)))
    assert " ".join(segment.text for segment in said.segments) == said.text
    assert all(-2 < segment.avg_logprob < 0 and segment.compression_ratio > 0 for segment in said.segments)
    assert words_only.words and words_only.segments is None


async def test_speakers_are_told_apart_and_known_ones_named(server: Speech) -> None:
    sound = speech(ACTORS)
    clips = [wav(sound[round(a * 16_000) : round(b * 16_000)]) for a, b in ((4.8, 8.0), (8.7, 11.3))]
    urls = [f"data:audio/wav;base64,{base64.b64encode(clip).decode()}" for clip in clips]
    async with server.async_client() as client:
        said = await client.audio.transcriptions.create(
            file=("actors.wav", wav(sound[: 17 * 16_000])),
            model="gpt-4o-transcribe-diarize",
            response_format="diarized_json",
            chunking_strategy="auto",
            known_speaker_names=["Nagg"],
            known_speaker_references=urls[:1],
        )
        both = await client.audio.transcriptions.create(
            file=("cut.wav", wav(sound[: 12 * 16_000])),
            model="gpt-4o-transcribe-diarize",
            response_format="diarized_json",
            known_speaker_names=["Nagg", "Nell"],
            known_speaker_references=urls,
        )
    assert isinstance(said, TranscriptionDiarized) and isinstance(both, TranscriptionDiarized)
    assert (said.task, round(said.duration)) == ("transcribe", 17)
    assert {segment.speaker for segment in said.segments} <= {"Nagg", "A", "unknown"}
    heard = {segment.speaker: segment.text for segment in both.segments if segment.end - segment.start > 2}
    assert "We laugh" in heard["Nagg"] and "Laugh less" in heard["Nell"]
    assert said.text == " ".join(segment.text for segment in said.segments)


async def test_events_come_while_it_is_heard(server: Speech) -> None:
    async with server.async_client() as client:
        stream = await client.audio.transcriptions.create(
            file=reading(20), model="gpt-4o-transcribe", stream=True, include=["logprobs"]
        )
        events = [event async for event in stream]
    deltas = [event for event in events if event.type == "transcript.text.delta"]
    done = events[-1]
    assert done.type == "transcript.text.done"
    assert "".join(event.delta for event in deltas) == done.text
    assert done.text.startswith("It was the best of times")
    assert deltas[0].logprobs and deltas[0].logprobs[0].token == "It"
    assert done.logprobs and "".join(each.token or "" for each in done.logprobs) == done.text


async def test_diarized_events(server: Speech) -> None:
    async with server.async_client() as client:
        stream = await client.audio.transcriptions.create(
            file=("cut.wav", wav(speech(ACTORS)[: 12 * 16_000])),
            model="gpt-4o-transcribe-diarize",
            response_format="diarized_json",
            stream=True,
        )
        events = [event async for event in stream]
    segments = [event for event in events if event.type == "transcript.text.segment"]
    assert {"A", "B"} <= {segment.speaker for segment in segments}
    assert events[-1].type == "transcript.text.done"


async def test_probabilities_of_words(server: Speech) -> None:
    async with server.async_client() as client:
        said = await client.audio.transcriptions.create(file=reading(), model="whisper-1", include=["logprobs"])
    assert said.logprobs is not None
    assert "".join(each.token or "" for each in said.logprobs) == said.text
    assert all(each.logprob is not None and each.logprob <= 0 for each in said.logprobs)


async def test_own_settings_of_voice_activity(server: Speech) -> None:
    async with server.async_client() as client:
        said = await client.audio.transcriptions.create(
            file=reading(),
            model="whisper-1",
            chunking_strategy={"type": "server_vad", "silence_duration_ms": 700, "threshold": 0.4},
        )
    assert is_opening(said.text)


async def test_any_container(server: Speech, tmp_path: Path) -> None:
    import av

    target = tmp_path / "reading.webm"
    with av.open(str(READER)) as source, av.open(str(target), "w") as made:
        stream = made.add_stream("libopus", rate=48_000)
        for frame in source.decode(audio=0):
            if frame.time is not None and frame.time > 9:
                break
            for packet in stream.encode(frame):
                made.mux(packet)
        for packet in stream.encode(None):
            made.mux(packet)
    async with server.async_client() as client:
        said = await client.audio.transcriptions.create(file=target, model="whisper-1")
    assert is_opening(said.text)


@pytest.mark.parametrize(
    ("param", "more"),
    [
        ("language", {"language": "de"}),
        ("languages", {"languages": ["en", "de"]}),
        ("prompt", {"prompt": "Names: Nagg and Nell."}),
        ("keywords", {"keywords": ["Parley"]}),
        ("temperature", {"temperature": 0.7}),
        ("temperature", {"temperature": 7}),
        ("stream", {"stream": True, "response_format": "verbose_json"}),
        ("timestamp_granularities", {"timestamp_granularities": ["word"]}),
        ("include", {"include": ["logprobs"], "response_format": "verbose_json"}),
        ("response_format", {"response_format": "docx"}),
        ("chunking_strategy", {"chunking_strategy": {"type": "server_vad", "threshold": 2}}),
        ("known_speaker_names", {"known_speaker_names": ["A"], "known_speaker_references": ["data:a/b;base64,AAAA"]}),
        ("known_speaker_references", {"known_speaker_names": ["A"]}),
        ("seed", {"extra_body": {"seed": 1}}),
    ],
)
async def test_what_cannot_be_done_is_refused(server: Speech, param: str, more: dict[str, Any]) -> None:
    async with server.async_client() as client:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.audio.transcriptions.create(file=reading(1), model="whisper-1", **more)
    assert refused.value.param == param
    assert len(refused.value.message) > 20


async def test_a_reference_without_a_voice_is_refused(server: Speech) -> None:
    silence = f"data:audio/wav;base64,{base64.b64encode(wav(speech(READER)[:48_000] * 0)).decode()}"
    short = f"data:audio/wav;base64,{base64.b64encode(wav(speech(READER)[:8_000])).decode()}"
    async with server.async_client() as client:
        for clip in (silence, short):
            with pytest.raises(openai.BadRequestError) as refused:
                await client.audio.transcriptions.create(
                    file=reading(1),
                    model="whisper-1",
                    response_format="diarized_json",
                    known_speaker_names=["Somebody"],
                    known_speaker_references=[clip],
                )
            assert refused.value.param == "known_speaker_references"


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
async def test_translation_needs_an_engine_that_can(server: Speech) -> None:
    async with server.async_client() as client:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.audio.translations.create(file=reading(1), model="whisper-1")
    assert refused.value.param == "model"
    assert "translate" in refused.value.message


async def test_an_unknown_model_names_near_ones(server: Speech) -> None:
    async with server.async_client() as client:
        with pytest.raises(openai.NotFoundError) as refused:
            await client.audio.transcriptions.create(file=reading(1), model="whisper-2")
    assert refused.value.code == "model_not_found"
    assert "whisper-1" in refused.value.message


async def test_files_that_are_no_sound(server: Speech) -> None:
    async with server.async_client() as client:
        for data in (b"no sound at all " * 100, b""):
            with pytest.raises(openai.BadRequestError) as refused:
                await client.audio.transcriptions.create(file=("a.mp3", data), model="whisper-1")
            assert refused.value.param == "file"
        said = await client.audio.transcriptions.create(
            file=("quiet.wav", wav(speech(READER)[:16_000] * 0)), model="whisper-1"
        )
    assert said.text == ""


async def test_broken_forms(server: Speech) -> None:
    url = f"{server.url}/v1/audio/transcriptions"
    async with httpx.AsyncClient() as client:
        answers = [
            await client.post(url, json={"model": "whisper-1"}),
            await client.post(url, data={"model": "whisper-1"}, files={"sound": ("a.wav", b"")}),
            await client.post(url, files={"file": ("a.wav", reading(1)[1])}),
            await client.post(url, data={"model": "whisper-1"}, files={"file": ("a.wav", b"0" * (LARGEST + 1))}),
            await client.get(url),
        ]
    assert [answer.status_code for answer in answers] == [415, 400, 400, 413, 405]
    assert all(answer.json()["error"]["message"] for answer in answers)
    assert answers[2].json()["error"]["param"] == "model"


async def test_a_provider_is_sent_the_form_as_it_came(server: Speech) -> None:
    provider = Provider(url=server.url, models={"far": "whisper-1"}, model_type="automatic-speech-recognition")
    async with speech_front(server, provider) as front, front.async_client() as client:
        make = client.audio.transcriptions.create
        said = await make(file=reading(), model="far", response_format="verbose_json", timestamp_granularities=["word"])
        events = [event async for event in await make(file=reading(), model="far", stream=True)]
        with pytest.raises(openai.BadRequestError) as refused:
            await make(file=reading(1), model="far", known_speaker_names=["A"])
    assert is_opening(said.text) and said.words
    assert events[-1].type == "transcript.text.done" and is_opening(events[-1].text)
    assert refused.value.param == "known_speaker_references"


async def test_nothing_is_left_behind(server: Speech) -> None:
    body = {"model": "whisper-1", "stream": "true"}
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream(
            "POST", f"{server.url}/v1/audio/transcriptions", data=body, files={"file": READER.read_bytes()}
        ) as answer,
    ):
        assert answer.status_code == 200
        async for _ in answer.aiter_lines():
            break
    async with asyncio.timeout(20), httpx.AsyncClient() as client:
        while list(server.parts.scratch.iterdir()):
            assert (await client.get(f"{server.url}/health")).status_code == 200
    assert all(member.target.slots.busy == 0 for route in server.board.directory.routes() for member in route.members)
