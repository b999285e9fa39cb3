"""Several streams at once, at the pace of the clock: lag, memory, and whether anything is lost."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from pipeline.live.limits import LiveLimits
from pipeline.steps import steps_of
from tests.api.served import Served, served
from tests.bench.live_client import Took, stream
from tests.bench.live_source import Spoken, read_by_voices
from tests.bench.live_spy import ROLES

LIMITS = LiveLimits(meetings=64, meetings_per_owner=64)
STEP = 3
"""Streams that are added until it breaks."""
BROKEN_SECONDS = 10.0
"""Final words that are later than this help nobody."""
WARM_SHARE = 0.3
"""Share of the time after which memory counts."""


class Load(msgspec.Struct, frozen=True):
    """What a load did."""

    lags: Sequence[float]
    """Seconds between the end of each utterance and its arrival."""
    hypotheses: float
    """A second and stream."""
    cpu: float
    """Cores in use."""
    slope: float
    """MB in 10 minutes."""
    memory: Sequence[float]
    """MB, at the beginning, at each fifth, and at the end."""
    gaps: int
    """Told to clients."""
    lost: int
    """Streams whose recording is not what was sent."""

    def __str__(self) -> str:
        late = [np.quantile(self.lags, share) for share in (0.5, 0.95, 1)]
        course = " ".join(f"{look:.0f}" for look in self.memory)
        return (
            f"finals p50 {late[0]:.2f} s, p95 {late[1]:.2f} s, worst {late[2]:.2f} s ({len(self.lags)});\n"
            f"    {self.hypotheses:.2f} hypotheses a second and stream; {self.cpu:.2f} cores;\n"
            f"    memory {course} MB, {self.slope:+.2f} MB in 10 min; {self.gaps} gaps, {self.lost} streams not whole"
        )


async def load(streams: int, minutes: float) -> Load:
    """Print how a number of streams go."""
    with tempfile.TemporaryDirectory() as place:
        async with served(Path(place), steps_of=steps_of, live=LIMITS) as s:
            for role in ROLES:
                await s.parts.pool.host(role).load()
            return await _measure(s, streams, minutes)


async def until_it_breaks(minutes: float) -> None:
    """Add streams until final words are too late to be read."""
    streams = 6
    while (await load(streams, minutes)).lags and streams < LIMITS.meetings:
        streams += STEP
        found = await load(streams, minutes)
        if not found.lags or np.quantile(found.lags, 0.95) > BROKEN_SECONDS:
            print(f"broken with {streams} streams: finals come more than {BROKEN_SECONDS:.0f} s late")
            return


async def _measure(s: Served, streams: int, minutes: float) -> Load:
    spoken = [read_by_voices(minutes * 60, seed) for seed in range(streams)]
    memory: list[tuple[float, float]] = []
    watch = asyncio.create_task(_watch_memory(memory))
    cpu, began = time.process_time(), time.monotonic()
    took = await asyncio.gather(*(_later(s.port, one.pcm, at / streams) for at, one in enumerate(spoken)))
    cores = (time.process_time() - cpu) / (time.monotonic() - began)
    watch.cancel()
    lags = [lag for one in took for lag in _lags(one)]
    told = sum(len(one.events("hypothesis")) for one in took)
    length = sum(len(one.samples) for one in spoken) / 16_000
    gaps = sum(len(one.events("gap")) for one in took)
    lost = [one.meeting for one, sent in zip(took, spoken, strict=True) if not await _is_whole(s, one, sent)]
    heard = [look for look in memory if look[0] < began + minutes * 60]
    found = Load(lags, told / length, cores, _slope(heard), _course(heard), gaps, len(lost))
    print(f"\n{streams} streams, {minutes:g} min: {found}", flush=True)
    return found


async def _later(port: int, pcm: bytes, seconds: float) -> Took:
    await asyncio.sleep(seconds)
    return await stream(port, pcm)


def _lags(took: Took) -> list[float]:
    """Return how late final words were, while the meeting went on; those that only found their speaker do not count."""
    seen: set[float] = set()
    lags: list[float] = []
    for told in took.told:
        if told.event["type"] == "stage" and told.event["stage"]["name"] == "recording":
            break
        if told.event["type"] == "utterance":
            words = told.event["utterance"]["words"]
            if words[-1]["start"] not in seen:
                lags.append(told.at - words[-1]["end"])
            seen.update(word["start"] for word in words)
    return lags


async def _is_whole(s: Served, took: Took, spoken: Spoken) -> bool:
    answer = await s.client.get(f"/api/meetings/{took.meeting}/audio")
    return answer.content[44:] == spoken.pcm


async def _watch_memory(found: list[tuple[float, float]]) -> None:
    while True:
        found.append((time.monotonic(), resident()))
        await asyncio.sleep(2)


def resident() -> float:
    """Return the memory of this process, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def _course(memory: Sequence[tuple[float, float]]) -> list[float]:
    return [memory[at * (len(memory) - 1) // 5][1] for at in range(6)]


def _slope(memory: Sequence[tuple[float, float]]) -> float:
    """Return the growth after warm-up, in MB in 10 minutes."""
    warm = np.array(memory[int(len(memory) * WARM_SHARE) :])
    return float(np.polyfit(warm[:, 0], warm[:, 1], 1)[0] * 600) if len(warm) > 2 else 0.0
