"""One long stream, faster than the clock: what each part of it costs."""

import asyncio
import tempfile
import time
from pathlib import Path

from pipeline.steps import steps_of
from tests.api.served import Served, served
from tests.bench.live_client import stream
from tests.bench.live_load import resident
from tests.bench.live_source import read_by_voices
from tests.bench.live_spy import ROLES

LOOP_SECONDS = 600.0
"""Speech that is said again and again."""
WINDOWS = 8
"""The stream is looked at in so many equal parts."""


async def endurance(hours: float, speed: float, *, is_silent: bool = False) -> None:
    """Print cost and memory of each part of the stream."""
    length = hours * 3600
    loop = bytes(32_000) if is_silent else read_by_voices(min(length, LOOP_SECONDS), 1).pcm
    pcm = (loop * (int(length * 32_000 / len(loop)) + 1))[: round(length * 16_000) * 2]
    with tempfile.TemporaryDirectory() as place:
        async with served(Path(place), steps_of=steps_of) as s:
            for role in ROLES:
                await s.parts.pool.host(role).load()
            print(
                f"\n{hours:g} h of {'silence' if is_silent else 'speech'} at {speed:g} times the pace of the clock",
                flush=True,
            )
            watch = asyncio.create_task(_watch(s, length / WINDOWS))
            took = await stream(s.port, pcm, speed=speed)
            watch.cancel()
            print(f"    over after {(time.monotonic() - took.began) / 60:.1f} min")
            whole = (await s.client.get(f"/api/meetings/{took.meeting}/audio")).content[44:] == pcm
            print(
                f"    recording {'whole' if whole else 'NOT whole'}, {len(took.events('gap'))} gaps, "
                f"{len(took.events('utterance'))} utterances told"
            )


async def _watch(s: Served, window: float) -> None:
    """Print what each window cost, and how it stands at its end."""
    ends, cpu = 1, time.process_time()
    while True:
        await asyncio.sleep(0.2)
        for session in s.parts.live.sessions():
            heard = session.recording.duration
            if heard >= window * ends:
                now = time.process_time()
                cost = (now - cpu) / (heard - window * (ends - 1))
                print(
                    f"{heard / 60:8.1f} min: {cost:.3f} CPU s a second of sound, {resident():.0f} MB, "
                    f"finals {session.lag:.1f} s of sound behind",
                    flush=True,
                )
                ends, cpu = ends + 1, now
