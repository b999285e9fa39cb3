"""One long stream, faster than the clock: what each part of it costs."""

import asyncio
import itertools
import tempfile
import time
from pathlib import Path

import numpy as np

from pipeline.steps import steps_of
from tests.api.served import Served, served
from tests.bench.live_client import Took, stream
from tests.bench.live_load import resident
from tests.bench.live_source import read_by_voices
from tests.bench.live_spy import ROLES

LOOP_SECONDS = 600.0
"""Speech that is said again and again."""
WINDOWS = 8
"""The stream is looked at in so many equal parts."""


async def endurance(hours: float, speed: float) -> None:
    """Print cost and memory of each part of the stream."""
    length = hours * 3600
    loop = read_by_voices(min(length, LOOP_SECONDS), 1).pcm
    pcm = (loop * (int(length * 32_000 / len(loop)) + 1))[: round(length * 16_000) * 2]
    with tempfile.TemporaryDirectory() as place:
        async with served(Path(place), steps_of=steps_of) as s:
            for role in ROLES:
                await s.parts.pool.host(role).load()
            print(f"\n{hours:g} h at {speed:g} times the pace of the clock")
            looks: list[tuple[float, float, float]] = []
            watch = asyncio.create_task(_watch(s, length / WINDOWS, looks))
            took = await stream(s.port, pcm, speed=speed)
            watch.cancel()
            _print(looks, took)
            whole = (await s.client.get(f"/api/meetings/{took.meeting}/audio")).content[44:] == pcm
            print(f"recording {'whole' if whole else 'NOT whole'}, {len(took.events('gap'))} gaps")


async def _watch(s: Served, window: float, looks: list[tuple[float, float, float]]) -> None:
    """Note heard seconds, CPU seconds and memory at the end of each window."""
    looks.append((0.0, time.process_time(), resident()))
    while True:
        await asyncio.sleep(0.2)
        for session in s.parts.live.sessions():
            if session.recording.duration >= window * len(looks):
                looks.append((session.recording.duration, time.process_time(), resident()))


def _print(looks: list[tuple[float, float, float]], took: Took) -> None:
    for (begin, cpu_before, _), (end, cpu, memory) in itertools.pairwise(looks):
        lags = [
            told.event["lag"] for told in took.events("utterance") if begin <= told.at < end and "lag" in told.event
        ]
        late = f"{np.quantile(lags, 0.95):.1f} s" if lags else "-"
        cost = (cpu - cpu_before) / (end - begin)
        print(
            f"{end / 60:6.1f} min: {cost:.3f} CPU s a second of sound, {memory:.0f} MB, finals p95 {late} of sound late"
        )
