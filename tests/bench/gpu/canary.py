"""Canary: speed by batch, what word times cost, and how many live streams a card carries."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stages.engines.canary import Canary
from stages.engines.nemo_precision import Precision
from stages.heard import Wish
from tests.bench.gpu.timing import Bench
from tests.models import real_size, tiny_canary
from tests.models.babble import RATE, babble
from tests.models.forced import force_length

BATCHES = (1, 4, 16, 32, 64)
STRETCH = 30.0
"""Seconds of each stretch: the longest that a call covers."""
SPOKEN = 8.0
"""Seconds of a stretch in talk."""
HEARD_AGAIN = (0.5, 1.0)
"""Seconds between two hypotheses of an open stretch."""
LENGTHS = (1.0, 2.0, 4.0, 8.0)
"""Seconds of sound that hypotheses are measured with; between them their cost is taken for linear."""
ENGLISH, GERMAN = Wish(language="en"), Wish(language="en", target="de")


def build(bench: Bench) -> Path:
    """Write the archive."""
    folder = bench.folder / "canary"
    folder.mkdir()
    size = real_size.CANARY if bench.real else tiny_canary.Size(longest=512)
    tiny_canary.build(folder / "canary-1b-v2.nemo", size=size, eos=real_size.EOS)
    return folder


def loaded(bench: Bench, folder: Path, precision: Precision = "auto") -> Canary:
    """Return an engine that says four tokens a second."""
    engine = Canary(folder=folder, precision=precision, batch=max(BATCHES))
    engine.load(bench.devices)
    force_length(engine)
    return engine


def stretches(count: int, seconds: float = STRETCH) -> list[NDArray[np.float32]]:
    """Return so many pieces of sound, each another."""
    sound = babble(seconds + 0.1 * count)
    return [sound[round(0.1 * RATE) * number :][: round(seconds * RATE)] for number in range(count)]


def measure(bench: Bench) -> Iterator[str]:
    """Yield figures as they are found."""
    folder = build(bench)
    for precision in ("float32", "bfloat16") if bench.real else ("float32",):
        began = time.perf_counter()
        engine = loaded(bench, folder, precision)
        bench.finish()
        yield f"canary {precision}: loaded in {time.perf_counter() - began:.1f} s, {bench.held():.1f} GiB"
        for batch in BATCHES if bench.real else BATCHES[:2]:
            yield f"canary {precision}, {_speed(bench, engine, batch)}"
        yield f"canary {precision}, {_streams(bench, engine)}"
        engine.unload()


def _speed(bench: Bench, engine: Canary, batch: int) -> str:
    sounds = stretches(batch)
    timed = bench.seconds(lambda: engine.transcribe(sounds, ENGLISH))
    plain = bench.seconds(lambda: engine.transcribe(sounds, GERMAN))
    peak = bench.peak(lambda: engine.transcribe(sounds, ENGLISH))
    said = sum(len(heard.words) for heard in engine.transcribe(sounds, ENGLISH))
    return (
        f"batch {batch:>2} x {STRETCH:.0f} s: RTFx {batch * STRETCH / timed:,.0f}, "
        f"{batch * STRETCH / plain:,.0f} without word times; {said / batch:.0f} words each, peak {peak:.1f} GiB"
    )


def _streams(bench: Bench, engine: Canary) -> str:
    """Return how many people can talk without a pause, each into a stream: hypotheses one by one, then final words."""
    costs = []
    for length in LENGTHS:
        sounds = stretches(1, length)
        costs.append(bench.seconds(lambda sounds=sounds: engine.transcribe(sounds, ENGLISH)))  # type: ignore[misc]
    found = []
    for pause in HEARD_AGAIN:
        again = np.interp(np.arange(pause, SPOKEN + pause / 2, pause), LENGTHS, costs)
        found.append(f"{SPOKEN / (float(again.sum()) + costs[-1]):.0f} with a hypothesis every {pause} s")
    told = ", ".join(f"{1000 * cost:.0f} ms for {length:.0f} s" for length, cost in zip(LENGTHS, costs, strict=True))
    return f"live streams a card, all talking: {'; '.join(found)} (heard one by one: {told})"
