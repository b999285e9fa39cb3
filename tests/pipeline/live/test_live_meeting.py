"""A live meeting from the first sample to the final transcript, over real engines, database and store."""

from pathlib import Path

import anyio
import msgspec
import numpy as np
import pytest

from pipeline.live.known import known_lines
from pipeline.options import Options
from pipeline.process import results
from pipeline.score import word_errors
from stages.resample_pcm import RawFormat
from tests.pipeline.live.house import done, house
from tests.sounds import speech

pytestmark = pytest.mark.anyio

OPENING = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness"


def pcm(file: Path, seconds: float) -> bytes:
    return (speech(file)[: round(seconds * 16_000)] * 32767).astype("<i2").tobytes()


async def test_captions_come_while_it_goes_on_and_the_transcript_when_it_ends(two_cities: Path, tmp_path: Path) -> None:
    sound = pcm(two_cities, 14)
    async with house(tmp_path) as at:
        session = await at.live.begin(None, "websocket", "Reading", Options(language="en"))
        me = object()
        heard: list[dict[str, object]] = []
        async with at.live.sending(session), at.records.follow(session.row.id) as changes:
            track = await session.join("0", RawFormat(), me)

            async def watch() -> None:
                async for change in changes:
                    heard.extend([] if change is None else [msgspec.json.decode(change)])

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(watch)
                for at_byte in range(0, len(sound), 32_000):
                    await track.take(me, sound[at_byte : at_byte + 32_000])
                    await anyio.sleep(0.05)
                await at.live.end(session)
                tasks.cancel_scope.cancel()
        assert track.journal.acknowledged == len(sound)
        assert any(told["type"] == "hypothesis" and told["text"] for told in heard)
        lines = await known_lines(at.records, session.row.id)
        captions = " ".join(line.text for line in sorted(lines, key=lambda line: line.start))
        assert word_errors(OPENING, " ".join(captions.split()[: len(OPENING.split())])).wer < 0.15
        await done(at.records, session.row.id)
        row = await at.records.meeting(session.row.id)
        assert (row.state, row.error, row.size) == ("done", None, len(sound) + 44)
        found = await results(at.store, row.id)
        assert word_errors(OPENING, " ".join(u.text for u in found.utterances)[: len(OPENING)]).wer < 0.15
        assert found.summary is not None
        wav = await at.store.get(row.original or "")
        assert wav[44:] == sound, "byte for byte"
        assert [key async for key in at.store.list(f"meetings/{row.id}/journal")] == []


async def test_after_a_crash_the_meeting_goes_on_from_what_was_acknowledged(two_cities: Path, tmp_path: Path) -> None:
    sound = pcm(two_cities, 8)
    async with house(tmp_path) as at:
        session = await at.live.begin(None, "websocket", "Reading", Options())
        async with at.live.sending(session):
            track = await session.join("0", RawFormat(), None)
            await track.take(None, sound[:160_000])
            await track.journal.flush()
            await track.take(None, sound[160_000:200_000])
        meeting = session.row.id
    async with house(tmp_path) as at:
        again = await at.live.find(meeting, None)
        async with at.live.sending(again):
            track = await again.join("0", RawFormat(), None)
            place = track.journal.end
            assert 160_000 <= place <= 200_000
            await track.take(None, sound[place:])
        await at.live.end(again)
        await done(at.records, meeting)
        row = await at.records.meeting(meeting)
        assert (await at.store.get(row.original or ""))[44:] == sound
        assert row.duration == pytest.approx(8.0)
        found = await results(at.store, meeting)
        assert np.isclose(found.heard.duration, 8.0)
        assert "best of times" in " ".join(u.text for u in found.utterances)
