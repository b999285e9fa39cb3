import math
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from stages.diarize import (
    ClusterVoices,
    DiarizeRecording,
    ListenToVoices,
    RecordingDiarizer,
    SpeakerCount,
    SpeakerIsTrack,
    WindowDiarizer,
)
from stages.engine import Card, EngineHost, Progress
from stages.engine_errors import EngineError
from stages.speech import (
    SAMPLE_RATE,
    AudioChunk,
    Diarized,
    Gap,
    Mark,
    Span,
    SpeakerTurn,
    Speech,
    Voices,
    samples,
    seconds,
)
from tests.collect import ListInbox, collect, flow

pytestmark = pytest.mark.anyio


class Abacus:
    """Counts what it hears: its print of a window is the sum and the length of the samples."""

    card = Card(engine="abacus", model="none", revision="1", licence="none", attribution="nobody")
    window, hop = 4 * SAMPLE_RATE, SAMPLE_RATE

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken
        self.asked: list[tuple[int, SpeakerCount]] = []
        self.whole: list[NDArray[np.float32]] = []

    def on_disk(self) -> bool:
        return True

    def download(self, progress: Progress, again: bool = False) -> None:
        progress(1, 1)

    def load(self, devices: Sequence[int]) -> None:
        if self.broken:
            raise EngineError("It will not start.")

    def unload(self) -> None:
        pass

    def listen(self, samples: NDArray[np.float32], start: float, track: str) -> Voices:
        if samples.max(initial=0) > 1:
            raise EngineError("Too loud.")
        prints = np.array([samples.sum(dtype=np.float64), len(samples)], np.float32)
        return Voices(
            start=start,
            end=start + seconds(len(samples)),
            track=track,
            speakers=1,
            active=b"\x80",
            frames=1,
            embeddings=prints.tobytes(),
            solo=(1.0,),
        )

    def turns(self, heard: Sequence[Voices], count: SpeakerCount) -> list[SpeakerTurn]:
        self.asked.append((len(heard), count))
        return [
            SpeakerTurn(start=v.start, end=v.start + 1, track=v.track, speaker=f"S{1 + n % 2}")
            for n, v in enumerate(heard)
        ]

    def diarize(
        self, samples: NDArray[np.float32], count: SpeakerCount, progress: Callable[[float], None]
    ) -> list[SpeakerTurn]:
        self.asked.append((len(samples), count))
        self.whole.append(samples)
        progress(0.5)
        progress(1)
        return [SpeakerTurn(start=0, end=seconds(len(samples)), speaker="S1")]


@pytest.fixture
def abacus() -> Abacus:
    return Abacus()


@pytest.fixture
async def host(abacus: Abacus) -> AsyncIterator[EngineHost[WindowDiarizer]]:
    hosted = EngineHost[WindowDiarizer](abacus)
    yield hosted
    await hosted.close()


@pytest.fixture
async def whole(abacus: Abacus) -> AsyncIterator[EngineHost[RecordingDiarizer]]:
    hosted = EngineHost[RecordingDiarizer](abacus)
    yield hosted
    await hosted.close()


def sound(length: float, track: str = "0") -> NDArray[np.float32]:
    noise: NDArray[np.float32] = np.random.default_rng(ord(track[0])).random(samples(length), np.float32)
    return noise * np.float32(0.5)


def chunks(length: float, *, size: float = 1.0, track: str = "0", first: float = 0.0) -> list[AudioChunk]:
    whole = sound(length, track)
    edges = [*range(samples(first), len(whole), samples(size)), len(whole)]
    return [AudioChunk(start=seconds(a), end=seconds(b), track=track, samples=whole[a:b]) for a, b in pairwise(edges)]


def starts(items: Sequence[Span]) -> list[float]:
    return [item.start for item in items if isinstance(item, Voices)]


async def listen(host: EngineHost[WindowDiarizer], sound: Sequence[AudioChunk]) -> list[Voices | Mark]:
    return [item for item in await collect(ListenToVoices(host), sound) if not isinstance(item, Gap)]


async def test_windows_cover_the_sound_and_only_the_last_is_short(host: EngineHost[WindowDiarizer]) -> None:
    heard = [item for item in await collect(ListenToVoices(host), chunks(6.5)) if isinstance(item, Voices)]
    assert [(item.start, item.end) for item in heard] == [(0, 4), (1, 5), (2, 6), (3, 6.5)]
    whole = sound(6.5)
    for item in heard:
        expected = whole[item.first_sample : item.last_sample]
        assert item.voiceprints()[0, 0] == np.float32(expected.sum(dtype=np.float64))


@pytest.mark.parametrize(("length", "windows"), [(0.5, 1), (4, 1), (4.001, 2), (5, 2)])
async def test_no_window_is_heard_for_nothing(host: EngineHost[WindowDiarizer], length: float, windows: int) -> None:
    assert len(await collect(ListenToVoices(host), chunks(length))) == windows


async def test_nothing_comes_of_nothing(host: EngineHost[WindowDiarizer]) -> None:
    assert await collect(ListenToVoices(host), []) == []
    assert await collect(ClusterVoices(host), []) == []


@pytest.mark.parametrize("size", [0.1, 0.7, 1.0, 30.0, 300.0])
async def test_how_the_sound_is_cut_changes_nothing(host: EngineHost[WindowDiarizer], size: float) -> None:
    assert await collect(ListenToVoices(host), chunks(130.3, size=size)) == await collect(
        ListenToVoices(host), chunks(130.3)
    )


@pytest.mark.parametrize("length", [63.0, 63.5, 64.0, 183.0, 183.01, 200.0])
async def test_a_run_taken_up_at_any_mark_gives_the_same(host: EngineHost[WindowDiarizer], length: float) -> None:
    undisturbed = await collect(ListenToVoices(host), chunks(length))
    marks = [at for at, item in enumerate(undisturbed) if isinstance(item, Mark)]
    assert len(marks) == len([minute for minute in (60, 120, 180) if length >= minute + 4])
    for at in marks:
        again = await collect(ListenToVoices(host), chunks(length, first=undisturbed[at].end))
        assert again == undisturbed[at + 1 :]


async def test_windows_come_as_soon_as_they_are_complete(host: EngineHost[WindowDiarizer]) -> None:
    taken: list[float] = []

    def arriving() -> Iterator[AudioChunk]:
        for chunk in chunks(8):
            taken.append(chunk.end)
            yield chunk

    heard = [(item.end, taken[-1]) async for item in flow(ListenToVoices(host), ListInbox(arriving()))]
    assert heard == [(4, 4), (5, 5), (6, 6), (7, 7), (8, 8)]


async def test_tracks_do_not_hear_each_other(host: EngineHost[WindowDiarizer]) -> None:
    one, two = chunks(9, track="1"), chunks(7.2, track="2", size=0.8)
    together = await collect(ListenToVoices(host), sorted([*one, *two], key=lambda chunk: chunk.start))
    for track, alone in (("1", one), ("2", two)):
        assert [item for item in together if item.track == track] == await collect(ListenToVoices(host), alone)


async def test_a_track_that_begins_late_or_has_a_hole_stays_on_the_grid(host: EngineHost[WindowDiarizer]) -> None:
    late = [chunk for chunk in chunks(30, size=0.5) if chunk.start >= 12.5 and not 19 <= chunk.start < 23.5]
    heard = await collect(ListenToVoices(host), late)
    assert starts(heard) == [12, 13, 14, 15, 23, 24, 25, 26]


async def test_sound_that_comes_twice_is_heard_once(host: EngineHost[WindowDiarizer]) -> None:
    doubled = [chunk for part in chunks(12, size=0.5) for chunk in (part, part)]
    assert await collect(ListenToVoices(host), doubled) == await collect(ListenToVoices(host), chunks(12))


async def test_a_window_that_fails_leaves_a_gap(host: EngineHost[WindowDiarizer]) -> None:
    loud = [
        msgspec.structs.replace(chunk, samples=chunk.samples + 2) if chunk.start == 8 else chunk for chunk in chunks(14)
    ]
    heard = await collect(ListenToVoices(host), loud)
    gaps = [item for item in heard if isinstance(item, Gap)]
    assert [(gap.start, gap.end, gap.stage, gap.reason) for gap in gaps] == [
        (start, start + 1, "listen", "Too loud.") for start in (5, 6, 7, 8)
    ]
    assert starts(heard) == [0, 1, 2, 3, 4, 9, 10]


async def test_an_engine_that_cannot_start_ends_the_stage() -> None:
    host = EngineHost[WindowDiarizer](Abacus(broken=True))
    with pytest.raises(EngineError, match="It will not start"):
        await collect(ListenToVoices(host), chunks(9))
    await host.close()


async def test_speakers_are_numbered_over_all_tracks(host: EngineHost[WindowDiarizer]) -> None:
    heard = await listen(host, [*chunks(5, track="1"), *chunks(6, track="2")])
    turns = [item for item in await collect(ClusterVoices(host), heard) if isinstance(item, SpeakerTurn)]
    assert [(turn.start, turn.track, turn.speaker) for turn in turns] == [
        (0, "1", "S1"),
        (0, "2", "S2"),
        (1, "1", "S3"),
        (1, "2", "S4"),
        (2, "2", "S2"),
    ]


async def test_the_count_reaches_the_engine(abacus: Abacus, host: EngineHost[WindowDiarizer]) -> None:
    exact = SpeakerCount(at_least=3, at_most=3)
    one, two = (
        await listen(host, chunks(5, track="1")),
        await listen(host, chunks(5, track="2")),
    )
    await collect(ClusterVoices(host, exact), one)
    await collect(ClusterVoices(host, exact), [*one, *two])
    assert abacus.asked == [(2, exact), (2, SpeakerCount(at_most=3)), (2, SpeakerCount(at_most=3))]


async def test_marks_end_at_the_clustering_and_doubles_count_once(
    abacus: Abacus, host: EngineHost[WindowDiarizer]
) -> None:
    heard = await listen(host, chunks(70))
    turns = await collect(ClusterVoices(host), [*heard, *heard[-3:]])
    assert abacus.asked[0][0] == 67
    assert not any(isinstance(item, Mark) for item in turns)


async def test_a_recording_diarizer_gets_each_track_whole(abacus: Abacus, whole: EngineHost[RecordingDiarizer]) -> None:
    told: list[float] = []
    late = [chunk for chunk in chunks(6, track="b", size=0.5) if chunk.start >= 2]
    turns = await collect(DiarizeRecording(whole, progress=told.append), [*late, *chunks(3, track="a")])
    assert [(turn.start, turn.end, turn.track, turn.speaker) for turn in turns if isinstance(turn, SpeakerTurn)] == [
        (0, 3, "a", "S1"),
        (0, 6, "b", "S2"),
    ]
    assert told == [0.25, 0.5, 0.75, 1]
    assert np.abs(abacus.whole[0] - sound(3, "a")).max() <= 2**-16
    assert not abacus.whole[1][: samples(2)].any()


async def test_a_recording_keeps_its_loudest_and_broken_samples(
    abacus: Abacus, whole: EngineHost[RecordingDiarizer]
) -> None:
    strange = np.array([math.nan, math.inf, -math.inf, 1, -1, 0.5], np.float32)
    await collect(DiarizeRecording(whole), [AudioChunk(start=0, end=seconds(6), samples=strange)])
    assert abacus.whole[0] == pytest.approx([0, 1, -1, 1, -1, 0.5], abs=2**-15)


@pytest.mark.parametrize("live", [False, True])
async def test_a_speaker_is_a_track(live: bool) -> None:
    heard: list[Speech | Mark] = [
        Speech(start=0, end=2, track="right"),
        Speech(start=1, end=3, track="left"),
        Mark(start=60, end=60, track="left"),
        Speech(start=4, end=5, track="right"),
    ]
    made = await collect(SpeakerIsTrack(), heard, live=live)
    told = [(item.start, item.end, item.track) for item in made if isinstance(item, Diarized)]
    assert told == ([(0, 2, "right"), (1, 3, "left"), (4, 5, "right")] if live else [])
    assert [item for item in made if isinstance(item, SpeakerTurn)] == [
        SpeakerTurn(start=0, end=2, track="right", speaker="S1"),
        SpeakerTurn(start=1, end=3, track="left", speaker="S2"),
        SpeakerTurn(start=4, end=5, track="right", speaker="S1"),
    ]


async def test_labels_follow_time_and_not_arrival() -> None:
    heard = [Speech(start=5, end=6, track="right"), Speech(start=1, end=2, track="left")]
    turns = [item for item in await collect(SpeakerIsTrack(), heard) if isinstance(item, SpeakerTurn)]
    assert [(turn.track, turn.speaker) for turn in turns] == [("left", "S1"), ("right", "S2")]
