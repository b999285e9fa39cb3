"""A recording grows at its own pace, and each reader reads at its own."""

from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import anyio
import anyio.to_thread
import numpy as np
import pytest

from pipeline.recording import MARKER, Recording
from stages.speech import SAMPLE_RATE, AudioChunk, Gap, seconds
from stages.stage import Sound

pytestmark = pytest.mark.anyio


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    with Recording(tmp_path / "sound") as recording:
        recording.add_track("0")
        yield recording


def piece(first: int, last: int, track: str = "0") -> AudioChunk:
    """Return sound in which every sample tells its place."""
    samples = (np.arange(first, last) % 30_000 / 32_768).astype(np.float32)
    return AudioChunk(start=seconds(first), end=seconds(last), track=track, samples=samples)


def same(chunk: AudioChunk, first: int, last: int) -> bool:
    expected = piece(first, last, chunk.track)
    return (chunk.start, chunk.end) == (expected.start, expected.end) and np.array_equal(
        chunk.samples, expected.samples
    )


async def all_of(recording: Recording, size: int, first: dict[str, int] | None = None) -> list[AudioChunk]:
    return [chunk async for chunk in recording.chunks(first or {}, size)]


async def test_recording_is_what_stages_call_sound(recording: Recording) -> None:
    sound: Sound = recording
    recording.append(piece(0, 5000))
    recording.end()
    assert not sound.live
    assert sound.duration == 5000 / SAMPLE_RATE
    assert np.array_equal(await sound.read("0", 100, 200), piece(100, 200).samples)


async def test_every_sample_of_sixteen_bits_survives(recording: Recording) -> None:
    every = np.arange(-32_768, 32_768).astype(np.float32) * np.float32(1 / 32_768)
    recording.append(AudioChunk(start=0, end=seconds(65_536), samples=every))
    recording.append(AudioChunk(start=seconds(65_536), end=seconds(65_538), samples=np.array([2, -2], np.float32)))
    recording.end()
    assert np.array_equal(await recording.read("0", 0, 65_536), every)
    assert (await recording.read("0", 65_536, 70_000)).tolist() == [32_767 / 32_768, -1]


async def test_readers_follow_at_their_own_pace(recording: Recording) -> None:
    heard: dict[str, list[AudioChunk]] = {"quick": [], "slow": []}
    free = anyio.Event()

    async def listen(name: str, size: int) -> None:
        async for chunk in recording.chunks({}, size):
            heard[name].append(chunk)
            if name == "slow":
                await free.wait()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen, "quick", 1000)
        tasks.start_soon(listen, "slow", 3000)
        for first in range(0, 9500, 500):
            recording.append(piece(first, first + 500))
            await anyio.wait_all_tasks_blocked()
            assert len(heard["quick"]) == (first + 500) // 1000
        assert len(heard["slow"]) == 1
        recording.end()
        free.set()
    for chunks, size in ((heard["quick"], 1000), (heard["slow"], 3000)):
        assert [(chunk.first_sample, chunk.last_sample) for chunk in chunks] == [
            (first, min(first + size, 9500)) for first in range(0, 9500, size)
        ]
        assert all(same(chunk, chunk.first_sample, chunk.last_sample) for chunk in chunks)


async def test_reading_waits_for_what_is_still_to_come(recording: Recording) -> None:
    async with anyio.create_task_group() as tasks:

        async def ask() -> None:
            assert np.array_equal(await recording.read("0", 500, 1500), piece(500, 1500).samples)
            assert len(await recording.read("0", 1900, 9999)) == 100
            assert len(await recording.read("0", 5000, 9999)) == 0

        tasks.start_soon(ask)
        for first in (0, 1000):
            await anyio.wait_all_tasks_blocked()
            recording.append(piece(first, first + 1000))
        recording.end()


async def test_a_long_stretch_is_read_whole(recording: Recording) -> None:
    for first in range(0, 70 * SAMPLE_RATE, SAMPLE_RATE):
        recording.append(piece(first, first + SAMPLE_RATE))
    recording.end()
    assert np.array_equal(await recording.read("0", 7, 69 * SAMPLE_RATE), piece(7, 69 * SAMPLE_RATE).samples)


async def test_sound_sent_again_is_dropped(recording: Recording) -> None:
    assert recording.append(piece(0, 1000)) == 1000
    assert recording.append(piece(0, 1000)) == 0
    assert recording.append(piece(400, 1600)) == 600
    recording.end()
    assert same((await all_of(recording, 5000))[0], 0, 1600)
    assert not recording.gaps


async def test_hole_is_silence_and_a_gap(recording: Recording) -> None:
    recording.append(piece(0, 16_000))
    recording.append(piece(17_600, 20_000))
    recording.append(piece(52_000, 60_000))
    recording.end()
    (chunk,) = await all_of(recording, 60_000)
    assert not chunk.samples[16_000:17_600].any()
    assert not chunk.samples[20_000:52_000].any()
    assert np.array_equal(chunk.samples[52_000:], piece(52_000, 60_000).samples)
    assert recording.gaps == [
        Gap(start=1.25, end=3.25, track="0", stage="recording", reason="No sound came from the source.")
    ]


async def test_tracks_take_turns_in_time_order(recording: Recording) -> None:
    recording.add_track("1")
    recording.append(piece(0, 3000, "1"))
    recording.append(piece(0, 2500))
    recording.end()
    turns = [(chunk.track, chunk.first_sample) for chunk in await all_of(recording, 1000)]
    assert turns == [("0", 0), ("1", 0), ("0", 1000), ("1", 1000), ("0", 2000), ("1", 2000)]


async def test_reader_goes_on_where_it_says(recording: Recording) -> None:
    recording.append(piece(0, 3000))
    recording.end()
    assert same((await all_of(recording, 4000, {"0": 1234}))[0], 1234, 3000)


async def test_live_a_silent_participant_holds_up_nobody(tmp_path: Path) -> None:
    recording = Recording(tmp_path, live=True)
    recording.add_track("ann")
    recording.add_track("bob")
    async with aclosing(recording.chunks({}, 1000)) as chunks:
        recording.append(piece(0, 2000, "bob"))
        assert [(await anext(chunks)).track for _ in range(2)] == ["bob", "bob"]
        recording.add_track("../eve", offset=16_000)
        recording.append(piece(16_000, 16_500, "../eve"))
        recording.end("../eve")
        late = await anext(chunks)
        assert late.track == "../eve"
        assert same(late, 16_000, 16_500)
        assert recording.live
        recording.end()
        assert not recording.live
        assert [chunk async for chunk in chunks] == []
    assert not (await recording.read("../eve", 0, 16_000)).any()
    left = await anyio.to_thread.run_sync(lambda: sorted(path.name for path in tmp_path.iterdir()))
    assert left == [MARKER, "track-0.s16", "track-1.s16", "track-2.s16"]
    recording.delete()


async def test_complete_recording_is_opened_again(tmp_path: Path) -> None:
    with Recording(tmp_path) as recording:
        recording.add_track("ann")
        recording.add_track("bob", offset=2000)
        recording.append(piece(0, 100, "ann"))
        recording.append(piece(20_000, 20_100, "ann"))
        recording.damaged = "The file ends early."
        recording.end()
    again = Recording.reopen(tmp_path)
    assert again is not None
    with again:
        assert again.tracks == ("ann", "bob")
        assert again.ended
        assert (again.duration, again.expected) == (20_100 / SAMPLE_RATE, 20_100 / SAMPLE_RATE)
        assert again.damaged == "The file ends early."
        assert len(again.gaps) == 1
        assert same((await all_of(again, 100, {"ann": 20_000}))[0], 20_000, 20_100)


async def test_what_did_not_end_is_not_opened_again(tmp_path: Path) -> None:
    assert Recording.reopen(tmp_path) is None
    with Recording(tmp_path) as recording:
        recording.add_track("0")
        recording.append(piece(0, 100))
    assert Recording.reopen(tmp_path) is None
    with Recording(tmp_path) as recording:
        recording.add_track("0")
        recording.append(piece(0, 100))
        recording.end()
    (tmp_path / "track-0.s16").write_bytes(b"short")
    assert Recording.reopen(tmp_path) is None
    (tmp_path / MARKER).write_bytes(b"{")
    assert Recording.reopen(tmp_path) is None


async def test_what_ended_takes_no_more(recording: Recording) -> None:
    recording.end("0")
    with pytest.raises(ValueError, match="'0' ended"):
        recording.append(piece(0, 100))
    with pytest.raises(ValueError, match="it is there"):
        recording.add_track("0")
    recording.end()
    with pytest.raises(ValueError, match="the recording ended"):
        recording.add_track("1")


async def test_a_reader_waits_for_a_track_that_is_still_to_join(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "r")
    async with anyio.create_task_group() as tasks:
        heard: list[int] = []

        async def read() -> None:
            heard.append(len(await recording.read("0", 0, 100)))

        tasks.start_soon(read)
        await anyio.lowlevel.checkpoint()
        recording.add_track("0")
        recording.append(AudioChunk(start=0, end=100 / 16_000, samples=np.zeros(100, np.float32)))
    assert heard == [100]
    recording.end()
    with pytest.raises(KeyError):
        await recording.read("1", 0, 100)
    recording.delete()
