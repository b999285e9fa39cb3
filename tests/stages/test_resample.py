"""Recordings of any kind become 16 kHz chunks with exact places."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path

import anyio
import numpy as np
import pytest
from numpy.typing import NDArray

from stages.media import SoundStream
from stages.resample import Decoder, decode, decode_stream, probe
from stages.speech import SAMPLE_RATE, AudioChunk
from tests.media_files import CODECS, encode, float_wav, tones
from tests.programs import needs_program

pytestmark = pytest.mark.anyio


async def hear(decoder: Decoder) -> dict[str, NDArray[np.float32]]:
    """Return what a decoder gives, per track; holes are silence."""
    tracks: dict[str, NDArray[np.float32]] = {}
    async for chunk in decoder.chunks():
        sound = tracks.get(chunk.track, np.zeros(0, np.float32))
        assert chunk.first_sample >= len(sound)
        assert chunk.last_sample - chunk.first_sample == len(chunk.samples) <= SAMPLE_RATE
        silence = np.zeros(chunk.first_sample - len(sound), np.float32)
        tracks[chunk.track] = np.concatenate([sound, silence, chunk.samples])
    return tracks


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the correlation of two sounds without shifting them."""
    size = min(len(one), len(other))
    return float(np.corrcoef(one[:size], other[:size])[0, 1])


@pytest.mark.parametrize("kind", CODECS)
async def test_any_container_becomes_the_same_sound(kind: str, tmp_path: Path) -> None:
    pictures = 5.0 if kind in ("mp4", "mkv") else 0.0
    path = encode(tmp_path / f"meeting.{kind}", tones(5), picture_seconds=pictures)
    decoder = Decoder(path)
    heard = (await hear(decoder))["0"]
    assert abs(len(heard) - 5 * SAMPLE_RATE) < 0.1 * SAMPLE_RATE
    assert likeness(heard, tones(5, SAMPLE_RATE)[0]) > 0.99
    assert decoder.report is not None
    assert decoder.report.samples == {"0": len(heard)}
    assert decoder.report.damaged is None
    assert decoder.media is not None
    assert decoder.media.video == bool(pictures)


@needs_program("ffmpeg")
async def test_sound_equals_that_of_the_ffmpeg_program(two_cities: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-i", str(two_cities), "-ac", "1", "-ar", "16000", "-f", "s16le", "-"]
    raw = (await anyio.run_process(command)).stdout
    reference = np.frombuffer(raw, "<i2").astype(np.float32) / 32768
    heard = (await hear(Decoder(two_cities)))["0"]
    assert abs(len(heard) - len(reference)) <= 1
    size = min(len(heard), len(reference))
    assert np.abs(heard[:size] - reference[:size]).max() <= 4 / 32768


@pytest.mark.parametrize(("kind", "rate"), [("wav", 44_100), ("m4a", 48_000), ("flac", 192_000)])
async def test_channels_become_tracks(kind: str, rate: int, tmp_path: Path) -> None:
    path = encode(tmp_path / f"two.{kind}", tones(3, rate, channels=2), rate)
    tracks = await hear(Decoder(path, "channels"))
    assert sorted(tracks) == ["0", "1"]
    for sound, channel in zip(tracks.values(), tones(3, SAMPLE_RATE, channels=2), strict=True):
        assert likeness(sound, channel) > 0.99


async def test_eight_channels_at_192_khz(tmp_path: Path) -> None:
    path = encode(tmp_path / "room.wav", tones(2, 192_000, channels=8), 192_000)
    assert len((await hear(Decoder(path)))["0"]) == 2 * SAMPLE_RATE
    tracks = await hear(Decoder(path, "channels"))
    assert {name: len(sound) for name, sound in tracks.items()} == {str(n): 2 * SAMPLE_RATE for n in range(8)}


async def test_microphones_without_places_are_mixed_evenly(tmp_path: Path) -> None:
    # A plain WAV header names no loudspeakers for its channels.
    path = tmp_path / "microphones.wav"
    sound = np.zeros((SAMPLE_RATE, 6), "<i2")
    sound[:, 3] = 6000  # FFmpeg would take it for the subwoofer and leave it out
    head = (36 + sound.nbytes).to_bytes(4, "little")
    form = b"".join(n.to_bytes(w, "little") for n, w in [(1, 2), (6, 2), (16_000, 4), (192_000, 4), (12, 2), (16, 2)])
    data = b"data" + sound.nbytes.to_bytes(4, "little") + sound.tobytes()
    path.write_bytes(b"RIFF" + head + b"WAVEfmt " + (16).to_bytes(4, "little") + form + data)
    heard = (await hear(Decoder(path)))["0"]
    assert heard[1000:-1000] == pytest.approx(1000 / 32768, abs=2 / 32768)


async def test_sound_that_begins_late_keeps_its_place(tmp_path: Path) -> None:
    path = encode(tmp_path / "screen.mkv", tones(2), picture_seconds=6, holes={0.0: 3.0})
    async with aclosing(decode(path)) as chunks:
        first = await anext(chunks)
    assert first.start == pytest.approx(3.0, abs=0.02)


async def test_holes_in_the_clock_of_a_file_are_kept(tmp_path: Path) -> None:
    path = encode(tmp_path / "muted.webm", tones(4), holes={1.0: 30.0, 3.0: 0.4})
    places = [(chunk.start, chunk.end) async for chunk in decode(path)]
    jumps = [later - end for (_, end), (later, _) in pairwise(places) if later != end]
    assert jumps == [pytest.approx(30.0, abs=0.02), pytest.approx(0.4, abs=0.02)]
    assert places[-1][1] == pytest.approx(34.4, abs=0.03)


async def test_shape_of_the_sound_may_change_on_the_way(tmp_path: Path) -> None:
    stereo = encode(tmp_path / "one.mp3", tones(2, 44_100, channels=2), 44_100)
    mono = encode(tmp_path / "two.mp3", tones(2, 22_050), 22_050)
    both = tmp_path / "both.mp3"
    both.write_bytes(stereo.read_bytes() + mono.read_bytes())
    heard = (await hear(Decoder(both)))["0"]
    assert len(heard) == pytest.approx(4 * SAMPLE_RATE, abs=0.15 * SAMPLE_RATE)


async def test_what_is_no_number_is_silence(tmp_path: Path) -> None:
    sound = tones(3, SAMPLE_RATE)[0]
    broken = sound.copy()
    broken[SAMPLE_RATE : SAMPLE_RATE + 800] = np.nan
    broken[2 * SAMPLE_RATE] = np.inf
    decoder = Decoder(float_wav(tmp_path / "float.wav", broken))
    heard = (await hear(decoder))["0"]
    assert np.isfinite(heard).all()
    assert not heard[SAMPLE_RATE : SAMPLE_RATE + 800].any()
    good = np.isfinite(broken)
    assert heard[good] == pytest.approx(sound[good], abs=1e-6)
    assert decoder.report is not None
    assert decoder.report.damaged == "0.050 s hold no numbers and were taken for silence."


async def test_probe_tells_what_a_file_says_about_itself(tmp_path: Path) -> None:
    media = await probe(encode(tmp_path / "call.mp4", tones(2, channels=2), picture_seconds=3))
    assert media.container.startswith("mov")
    assert media.sound == (SoundStream(codec="aac", channels=2, rate=48_000),)
    assert media.video
    assert media.duration == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(("suffix", "stream_format"), [("webm", "matroska"), ("ogg", "ogg")])
async def test_stream_is_heard_while_it_arrives(suffix: str, stream_format: str, tmp_path: Path) -> None:
    options = {"cluster_time_limit": "100", "live": "1"} if suffix == "webm" else {"page_duration": "100000"}
    data = encode(tmp_path / f"live.{suffix}", tones(6), options=options).read_bytes()
    heard = anyio.Event()

    async def microphone() -> AsyncIterator[bytes]:
        half = len(data) // 2
        for at in range(0, half, 500):
            yield data[at : min(at + 500, half)]
        await heard.wait()
        yield data[half:]

    chunks: list[AudioChunk] = []
    async for chunk in decode_stream(microphone(), "matroska" if stream_format == "matroska" else "ogg"):
        chunks.append(chunk)
        assert len(chunk.samples) <= SAMPLE_RATE // 10
        if chunk.end > 2.0:
            heard.set()
    assert chunks[-1].end == pytest.approx(6, abs=0.1)
    assert likeness(np.concatenate([chunk.samples for chunk in chunks]), tones(6, SAMPLE_RATE)[0]) > 0.99


async def test_stream_that_breaks_off_gives_what_came_and_then_its_error(tmp_path: Path) -> None:
    data = encode(tmp_path / "live.webm", tones(4), options={"cluster_time_limit": "100", "live": "1"}).read_bytes()

    async def microphone() -> AsyncIterator[bytes]:
        yield data[: len(data) // 2]
        raise ConnectionResetError("the browser is gone")

    chunks: list[AudioChunk] = []

    async def listen() -> None:
        async for chunk in decode_stream(microphone(), "matroska"):
            chunks.append(chunk)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(ConnectionResetError, match="the browser is gone"):
        await listen()
    assert chunks[-1].end > 1.5
