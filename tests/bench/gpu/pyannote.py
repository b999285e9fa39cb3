"""pyannote community-1: seconds for an hour of sound, step by step."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stages.diarize import SpeakerCount
from stages.engines.pyannote import SHARES, Pyannote
from tests.bench.gpu.timing import Bench
from tests.models import tiny_pyannote
from tests.models.babble import babble

COUNT = SpeakerCount(2, 6)


def build(bench: Bench) -> Path:
    """Write the pipeline."""
    folder = bench.folder / "pyannote"
    tiny_pyannote.build(folder, real=bench.real)
    return folder


def measure(bench: Bench) -> Iterator[str]:
    """Yield figures as they are found."""
    engine = Pyannote(folder=build(bench))
    began = time.perf_counter()
    engine.load(bench.devices)
    yield f"pyannote: loaded in {time.perf_counter() - began:.1f} s, {bench.held():.2f} GiB"
    engine.diarize(babble(60), COUNT, lambda share: None)
    sound = babble(60 * bench.minutes)
    runs = sorted((_steps(bench, engine, sound) for _ in range(min(3, bench.repeats))), key=sum)
    scale = 60 / bench.minutes
    steps = [step * scale for step in runs[len(runs) // 2]]
    peak = bench.peak(lambda: engine.diarize(sound, COUNT, lambda share: None))
    yield (
        f"pyannote, {bench.minutes:g} min: {sum(steps):.1f} s for an hour: segmentation {steps[0]:.1f}, "
        f"voiceprints {steps[1]:.1f}, clustering on the CPU {steps[2]:.1f}; peak {peak:.1f} GiB"
    )
    engine.unload()


def _steps(bench: Bench, engine: Pyannote, sound: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return the seconds for segmentation, voiceprints, and the rest."""
    reached: dict[float, float] = {}

    def told(share: float) -> None:
        reached[share] = time.perf_counter() - began

    began = time.perf_counter()
    engine.diarize(sound, COUNT, told)
    bench.finish()
    whole = time.perf_counter() - began
    segmented = reached.get(SHARES["segmentation"][1], 0.0)
    heard = reached.get(SHARES["embeddings"][1], segmented)
    return segmented, heard - segmented, whole - heard
