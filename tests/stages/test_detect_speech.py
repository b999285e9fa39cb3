"""The stage on scripted sound, where what is right is plain, and on real speech."""

from collections.abc import Sequence
from itertools import pairwise

import anyio
import numpy as np
import pytest
from numpy.typing import NDArray

from stages.detect_speech import DetectSpeech
from stages.engine import Card, EngineHost, Progress
from stages.engine_errors import EngineError, EngineMissing
from stages.engines.silero import Silero
from stages.level import Levelling
from stages.speech import SAMPLE_RATE, AudioChunk, Gap, Mark, OpenSpeech, Span, Speech, samples, seconds
from stages.stretches import Detection
from tests.collect import collect
from tests.held_sound import HeldSound
from tests.sounds import shipped, speech

Sounds = dict[str, NDArray[np.float32]]
AS_IT_IS = Levelling(most_decibels=0, extra_decibels=(0.0,))


class Script:
    """A detector that is told by the sound itself how likely speech is; it remembers, so that forgetting shows."""

    frame = 512
    card = Card(engine="script", model="script", revision="1", licence="MIT", attribution="")

    def __init__(self, fails_above: float = 2.0) -> None:
        self.fails_above = fails_above
        self.most = 0
        """Samples of the longest call."""

    def on_disk(self) -> bool:
        return True

    def download(self, progress: Progress, again: bool = False) -> None:
        pass

    def load(self, devices: Sequence[int]) -> None:
        pass

    def unload(self) -> None:
        pass

    def fresh(self) -> float:
        return 0.0

    def listen(self, samples: NDArray[np.float32], state: float) -> tuple[NDArray[np.float32], float]:
        self.most = max(self.most, samples.size)
        if samples.max(initial=0.0) > self.fails_above:
            raise EngineError("The script says so.")
        likely = samples.reshape(-1, self.frame).mean(1)
        for at, value in enumerate(likely):
            likely[at] = state = 0.9 * value + 0.1 * state
        return likely, state


class Broken(Script):
    def load(self, devices: Sequence[int]) -> None:
        raise EngineMissing("broken", "nothing", "pip install nothing")


def chunks(sounds: Sounds, size: int = SAMPLE_RATE, first: dict[str, int] | None = None) -> list[AudioChunk]:
    cut = [
        AudioChunk(
            start=seconds(at), end=seconds(min(at + size, sound.size)), track=track, samples=sound[at : at + size]
        )
        for track, sound in sounds.items()
        for at in range((first or {}).get(track, 0), sound.size, size)
    ]
    return sorted(cut, key=lambda chunk: chunk.start)


def scripted(*parts: tuple[float, float]) -> NDArray[np.float32]:
    """Return sound made of (seconds, probability) pairs."""
    return np.concatenate([np.full(samples(length), likely, np.float32) for length, likely in parts])


def stage(sounds: Sounds, detector: Script | None = None, open_every_seconds: float | None = None) -> DetectSpeech:
    return DetectSpeech(
        EngineHost(detector or Script()), HeldSound(sounds), levelling=AS_IT_IS, open_every_seconds=open_every_seconds
    )


def silero(sounds: Sounds, levelling: Levelling | None = None) -> DetectSpeech:
    return DetectSpeech(EngineHost(Silero()), HeldSound(sounds), levelling=levelling)


def stretches(items: Sequence[Span]) -> list[tuple[float, float]]:
    return [(round(item.start, 1), round(item.end, 1)) for item in items if isinstance(item, Speech)]


@pytest.fixture(scope="module")
def meeting() -> NDArray[np.float32]:
    """A reader, a quiet while, two actors, and the reader from far away: 146 s."""
    reader, actors = speech(shipped("two_cities.wav")), speech(shipped("endgame_nagg_nell.wav"))
    room = np.random.default_rng(0).normal(0, 1e-4, reader.size + 30 * SAMPLE_RATE).astype(np.float32)
    return np.concatenate((reader, room[: 30 * SAMPLE_RATE], actors, reader * np.float32(0.02) + room[: reader.size]))


@pytest.fixture(scope="module")
def found(meeting: NDArray[np.float32]) -> list[Span]:
    """What is found in the meeting in chunks of a second."""
    sounds = {"0": meeting}
    return [*anyio.run(collect, silero(sounds), chunks(sounds))]


@pytest.mark.anyio
async def test_speech_is_found_where_it_is() -> None:
    sounds = {"0": scripted((2, 0), (3, 1), (2, 0), (1, 1), (1, 0))}
    items = await collect(stage(sounds), chunks(sounds))
    assert stretches(items) == [(1.7, 5.3), (6.7, 8.3)]


@pytest.mark.anyio
async def test_it_leaves_as_soon_as_it_is_closed() -> None:
    sounds = {"0": scripted((2, 0), (3, 1), (0.8, 0))}
    inbox: list[AudioChunk | Mark] = [*chunks(sounds, 1600), Mark(start=5.8, end=5.8, track="1")]
    items = await collect(stage(sounds), inbox)
    assert [type(item) for item in items] == [Speech, Mark]


@pytest.mark.anyio
async def test_tracks_do_not_disturb_one_another() -> None:
    sounds = {"a": scripted((2, 0), (3, 1), (60, 0)), "b": scripted((1, 1), (60, 0), (3, 1))}
    together = await collect(stage(sounds), chunks(sounds))
    for track, sound in sounds.items():
        alone = {track: sound}
        assert [item for item in together if item.track == track] == await collect(stage(alone), chunks(alone))


@pytest.mark.anyio
async def test_no_call_covers_more_than_half_a_minute() -> None:
    sounds, detector = {"0": scripted((120, 0))}, Script()
    await collect(stage(sounds, detector), chunks(sounds, 120 * SAMPLE_RATE))
    assert 0 < detector.most <= 30 * SAMPLE_RATE


@pytest.mark.anyio
async def test_open_stretches_grow_from_where_they_start() -> None:
    sounds = {"0": scripted((2, 0), (3, 1), (2, 0), (1, 1))}
    items = await collect(stage(sounds, open_every_seconds=0.5), chunks(sounds, 1600))
    growing = [item for item in items if isinstance(item, OpenSpeech)]
    first = [item for item in growing if item.start < 5]
    assert {item.start for item in first} == {next(item.start for item in items if isinstance(item, Speech))}
    assert [item.end for item in first] == sorted(item.end for item in first)
    assert len(first) == 7, "every half second of three, and once more when it is quiet"
    assert growing[0].end < 2.6
    assert [type(item) for item in items[-2:]] == [OpenSpeech, Speech]


@pytest.mark.anyio
async def test_what_the_engine_cannot_hear_is_a_gap_and_hearing_goes_on() -> None:
    sounds = {"0": scripted((2, 0), (2.4, 0.9), (0.3, 1), (0.3, 0.9), (2, 0), (1, 0.9), (1, 0))}
    items = await collect(stage(sounds, Script(fails_above=0.95)), chunks(sounds))
    said, gap, mark, more = items
    assert isinstance(gap, Gap)
    assert isinstance(mark, Mark)
    assert (gap.stage, gap.reason) == ("detect_speech", "The script says so.")
    assert said.end == gap.start <= 4.4
    assert 4.7 <= gap.end == mark.end <= 5
    assert stretches([more]) == [(6.7, 8.3)]


@pytest.mark.anyio
async def test_an_engine_that_cannot_be_loaded_ends_the_stage() -> None:
    sounds = {"0": scripted((3, 0))}
    with pytest.raises(EngineMissing):
        await collect(stage(sounds, Broken()), chunks(sounds))


@pytest.mark.anyio
async def test_sound_that_is_sent_again_is_passed_over() -> None:
    sounds = {"0": scripted((2, 0), (3, 1), (2, 0))}
    once = chunks(sounds)
    again = [chunk for pair in zip(once, once, strict=True) for chunk in pair]
    assert await collect(stage(sounds), again) == await collect(stage(sounds), once)


@pytest.mark.anyio
async def test_a_hole_closes_the_stretch_and_begins_afresh() -> None:
    sounds = {"0": scripted((2, 0), (6, 1), (2, 0))}
    inbox = [chunk for chunk in chunks(sounds) if not 4 <= chunk.start < 6]
    items = await collect(stage(sounds), inbox)
    assert stretches(items) == [(1.7, 4.0), (6.0, 8.3)]
    assert [item.end for item in items if isinstance(item, Mark)] == [6.0]


@pytest.mark.anyio
async def test_a_mark_from_before_is_passed_on_behind_what_came_of_it() -> None:
    sounds = {"0": scripted((2, 0), (3, 1), (2, 0))}
    first, last = chunks(sounds)[:4], chunks(sounds)[4:]
    inbox: list[AudioChunk | Mark] = [*first, Mark(start=4, end=4), *last]
    items = await collect(stage(sounds), inbox)
    assert [type(item) for item in items] == [Speech, Mark, Speech]
    assert stretches(items) == [(1.7, 4.0), (4.0, 5.3)]


@pytest.mark.anyio
async def test_marks_come_every_minute_whatever_is_said() -> None:
    for sound in (scripted((300, 0)), scripted((300, 1)), scripted((300, 0.2)), scripted(*[(0.5, 0), (0.7, 1)] * 250)):
        items = await collect(stage({"0": sound}), chunks({"0": sound}))
        ends = np.array([0, *(item.end for item in items if isinstance(item, Mark)), 300])
        assert np.diff(ends).max() <= 60
        assert np.diff(ends)[:-1].min() >= 44


@pytest.mark.anyio
async def test_a_monologue_loses_nothing_at_its_cuts() -> None:
    sounds = {"0": scripted((200, 1))}
    items = await collect(stage(sounds), chunks(sounds))
    said = [item for item in items if isinstance(item, Speech)]
    assert said[0].start == 0
    assert said[-1].end == 200
    assert all(one.end == other.start for one, other in pairwise(said))
    assert max(item.duration for item in said) <= 15


@pytest.mark.anyio
@pytest.mark.parametrize("size", [1_600, 8_000, 7_777, 100_000])
async def test_the_size_of_chunks_changes_nothing(meeting: NDArray[np.float32], found: list[Span], size: int) -> None:
    sounds = {"0": meeting}
    assert await collect(silero(sounds), chunks(sounds, size)) == found


@pytest.mark.anyio
async def test_from_every_mark_on_a_resumed_run_gives_the_same(meeting: NDArray[np.float32], found: list[Span]) -> None:
    sounds = {"0": meeting}
    marks = [at for at, item in enumerate(found) if isinstance(item, Mark)]
    assert len(marks) >= 2
    for at in marks:
        rest = await collect(silero(sounds), chunks(sounds, first={"0": found[at].last_sample}))
        assert rest == found[at + 1 :]


@pytest.mark.anyio
async def test_only_a_resumed_run_reads_earlier_sound(meeting: NDArray[np.float32]) -> None:
    sound = HeldSound({"0": meeting})
    detector = DetectSpeech(EngineHost(Script()), sound)
    await collect(detector, chunks({"0": meeting}))
    assert sound.asked == []
    await collect(detector, chunks({"0": meeting}, first={"0": 1_000_000}))
    assert sound.asked == [("0", 1_000_000 - 937 * 512, 1_000_000)]


@pytest.mark.anyio
async def test_a_late_track_resumes_too(meeting: NDArray[np.float32]) -> None:
    late = {"0": np.concatenate((np.zeros(12_345, np.float32), meeting))}
    items = await collect(silero(late), chunks(late, first={"0": 12_345}))
    at = next(at for at, item in enumerate(items) if isinstance(item, Mark))
    assert await collect(silero(late), chunks(late, first={"0": items[at].last_sample})) == items[at + 1 :]


def test_stretches_are_in_order_and_within_bounds(meeting: NDArray[np.float32], found: list[Span]) -> None:
    said = [item for item in found if isinstance(item, Speech)]
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert said[0].start >= 0
    assert said[-1].end <= seconds(meeting.size)
    assert max(item.duration for item in said) <= Detection().longest_seconds


@pytest.mark.anyio
async def test_a_quiet_recording_is_brought_to_a_level() -> None:
    whisper = {"0": speech(shipped("two_cities.wav")) * np.float32(0.001)}
    loud = {"0": speech(shipped("two_cities.wav"))}
    expected = sum(item.duration for item in await collect(silero(loud), chunks(loud)) if isinstance(item, Speech))
    plain = await collect(silero(whisper, AS_IT_IS), chunks(whisper))
    found = [item for item in await collect(silero(whisper), chunks(whisper)) if isinstance(item, Speech)]
    assert sum(item.duration for item in plain if isinstance(item, Speech)) < 0.5 * expected
    assert sum(item.duration for item in found) > 0.95 * expected
    assert max(item.level for item in found) == 10


@pytest.mark.anyio
async def test_sound_that_is_loud_enough_is_left_as_it_is() -> None:
    sounds = {"0": speech(shipped("endgame_nagg_nell.wav"))}
    assert {item.level for item in await collect(silero(sounds), chunks(sounds)) if isinstance(item, Speech)} == {1.0}
