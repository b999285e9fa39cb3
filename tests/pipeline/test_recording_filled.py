"""A file is pumped into a recording, and what is wrong with it reaches those who read."""

import resource
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import numpy as np
import pytest

from pipeline.recording import MARKER, CutOff, Recording, fill
from pipeline.track import NoRoom
from stages.media import Limits
from stages.media_errors import NotMedia, TooMuch
from stages.resample import Decoder
from stages.speech import SAMPLE_RATE, AudioChunk
from tests.media_files import boastful_wav, encode, sparse_wav, tones

pytestmark = pytest.mark.anyio


async def whole(recording: Recording, size: int) -> list[AudioChunk]:
    return [chunk async for chunk in recording.chunks({}, size)]


async def test_file_is_pumped_into_the_recording(tmp_path: Path) -> None:
    path = encode(tmp_path / "call.wav", tones(5, 44_100, channels=2), 44_100)
    with Recording(tmp_path / "sound") as recording:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(fill, recording, Decoder(path, "channels"))
            chunks = await whole(recording, 2 * SAMPLE_RATE)
        assert [(chunk.track, chunk.start, chunk.end) for chunk in chunks] == [
            (track, start, min(start + 2, 5)) for start in (0, 2, 4) for track in ("0", "1")
        ]
        assert recording.expected == 5
        assert recording.damaged is None
        direct = [chunk.samples async for chunk in Decoder(path, "channels").chunks() if chunk.track == "1"]
        assert np.array_equal(await recording.read("1", 0, 5 * SAMPLE_RATE), np.concatenate(direct))


async def test_damage_and_boasting_are_passed_on(tmp_path: Path) -> None:
    with Recording(tmp_path / "sound") as recording:
        await fill(recording, Decoder(boastful_wav(tmp_path / "endless.wav", 10_000, 3)))
        assert recording.duration == 3
        assert recording.expected is None
        assert recording.damaged is not None
        assert "ends early" in recording.damaged


async def test_error_comes_after_the_sound_before_it(tmp_path: Path) -> None:
    path = sparse_wav(tmp_path / "long.wav", 60)
    with Recording(tmp_path / "sound") as recording:
        await fill(recording, Decoder(path, limits=Limits(hours=10 / 3600)))
        heard = []

        async def listen() -> None:
            async for chunk in recording.chunks({}, 3 * SAMPLE_RATE):
                heard.append(chunk.end)  # noqa: PERF401 - what came before the error counts

        with pytest.raises(TooMuch):
            await listen()
        assert heard == [3, 6, 9, 10]
        assert len(await recording.read("0", 0, 10 * SAMPLE_RATE)) == 10 * SAMPLE_RATE
        with pytest.raises(TooMuch):
            await recording.read("0", 0, 11 * SAMPLE_RATE)
        assert not (recording.folder / MARKER).exists()


async def test_error_before_any_sound_reaches_the_readers(tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("no sound " * 100)
    with Recording(tmp_path / "sound") as recording:
        await fill(recording, Decoder(tmp_path / "notes.wav"))
        with pytest.raises(NotMedia):
            await whole(recording, 1000)


async def test_stopped_source_leaves_no_reader_waiting(tmp_path: Path) -> None:
    async def microphone() -> AsyncIterator[bytes]:
        await anyio.sleep_forever()
        yield b""

    with Recording(tmp_path / "sound") as recording:
        with anyio.CancelScope() as stop:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(fill, recording, Decoder(microphone(), stream_format="ogg"))
                await anyio.wait_all_tasks_blocked()
                stop.cancel()
        with pytest.raises(CutOff, match="Start it again"):
            await whole(recording, 1000)


async def test_full_disk_is_told_and_nothing_stays(tmp_path: Path) -> None:
    path = sparse_wav(tmp_path / "long.wav", 60)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Recording(tmp_path / "sound") as recording:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
        try:
            await fill(recording, Decoder(path))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        with pytest.raises(NoRoom, match="free some space"):
            await whole(recording, SAMPLE_RATE)
        recording.delete()
    assert not (tmp_path / "sound").exists()
