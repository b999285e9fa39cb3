"""webm and ogg as a recorder sends them: across restarts, and across reloads that begin a new recording."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.live.intake import Container
from pipeline.live.track import LiveTrack, Missing, OtherFormat
from pipeline.options import Options
from pipeline.process import results
from stages.media_errors import MediaError
from stages.resample_pcm import RawFormat
from tests.media_files import encode
from tests.pipeline.live.house import done, house
from tests.sounds import speech

pytestmark = pytest.mark.anyio


def recorded(folder: Path, two_cities: Path, kind: str, start: float, end: float) -> bytes:
    """Return what a recorder sends of a stretch of speech."""
    sound = speech(two_cities)[round(start * 16_000) : round(end * 16_000)]
    options = {"live": "1", "cluster_time_limit": "200"} if kind == "webm" else {}
    return encode(folder / f"{start}.{kind}", sound[None, :], 16_000, options=options).read_bytes()


async def until_refused(track: LiveTrack, noise: bytes) -> None:
    """Send until the decoder has read enough to tell that it is no sound."""
    while True:
        await track.take(None, noise)


@pytest.mark.parametrize("kind", ["webm", "ogg"])
async def test_a_restart_in_the_middle_loses_nothing(kind: str, two_cities: Path, tmp_path: Path) -> None:
    data = recorded(tmp_path, two_cities, kind, 0, 6)
    live_format: Container = "webm" if kind == "webm" else "ogg"
    async with house(tmp_path / "house") as at:
        session = await at.live.begin(None, "websocket", "", Options())
        async with at.live.sending(session):
            track = await session.join("0", live_format, None)
            await track.take(None, data[:20_000])
        meeting = session.row.id
    async with house(tmp_path / "house") as at:
        session = await at.live.find(meeting, None)
        async with at.live.sending(session):
            track = await session.join("0", live_format, None)
            assert track.durable == 20_000, "the server drained what came"
            with pytest.raises(Missing):
                await track.forward(None, 30_000, data[30_000:])
            await track.forward(None, 10_000, data[10_000:])
            # A reload: another recorder, whose clock begins anew.
            again = await session.join("0", live_format, None, fresh=True)
            assert (again.durable, session.tracks["0"]) == (0, again)
            await again.take(None, recorded(tmp_path, two_cities, kind, 6, 10))
        await at.live.end(session)
        await done(at.records, meeting)
        row = await at.records.meeting(meeting)
        assert row.state == "done"
        assert row.duration == pytest.approx(10.0, abs=0.1)
        found = await results(at.store, meeting)
        said = " ".join(utterance.text for utterance in found.utterances).lower()
        assert "best of times" in said and "wisdom" in said
        assert found.gaps == ()


async def test_what_is_no_recording_is_refused_and_the_meeting_goes_on(two_cities: Path, tmp_path: Path) -> None:
    async with house(tmp_path) as at:
        session = await at.live.begin(None, "websocket", "", Options())
        async with at.live.sending(session):
            track = await session.join("0", "webm", None)
            noise = np.random.default_rng(0).integers(0, 256, 100_000, np.uint8).tobytes()
            with pytest.raises(MediaError):
                await until_refused(track, noise)
            with pytest.raises(OtherFormat):
                await session.join("0", RawFormat(), None)
            track = await session.join("0", RawFormat(), None, fresh=True)
            await track.take(None, (speech(two_cities)[:64_000] * 32767).astype("<i2").tobytes())
        await at.live.end(session)
        await done(at.records, session.row.id)
        row = await at.records.meeting(session.row.id)
        assert (row.state, row.duration) == ("done", pytest.approx(4.0, abs=0.01))
