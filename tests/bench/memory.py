"""Peak memory of a long file against a short one, each in a process of its own.

Usage: python -m tests.bench.memory [--minutes 10 60]. A 3-hour file takes about a quarter of an hour: --minutes 10 180.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np

from pipeline.engine_pool import EnginePool
from pipeline.options import Options
from pipeline.process import process, results
from stages.speech import SAMPLE_RATE
from storage.artifact_store import open_store
from tests.bench.assemble import assemble
from tests.bench.voices import synthetic


def main() -> None:
    """Print the peak of each length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[10.0, 60.0])
    parser.add_argument("--file", type=Path, help="process one file and print the peak (used by the bench itself)")
    chosen = parser.parse_args()
    if chosen.file:
        print(asyncio.run(_peak(chosen.file)))
        return
    with tempfile.TemporaryDirectory() as folder:
        block = assemble(synthetic(), 600.0, seed=3).samples
        peaks = [_measured(block, minutes, Path(folder)) for minutes in chosen.minutes]
    for minutes, peak in zip(chosen.minutes, peaks, strict=True):
        print(f"{minutes:6.0f} min: peak {peak:.0f} MB, {peak - peaks[0]:+.0f} MB against the first")


def _measured(block: np.ndarray[tuple[int], np.dtype[np.float32]], minutes: float, folder: Path) -> float:
    """Process a file that repeats the block, a little louder or softer each time, and return the peak in MB."""
    file = folder / f"{minutes:g}.wav"
    with wave.open(str(file), "wb") as target:
        target.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        left, random = round(minutes * 60 * SAMPLE_RATE), np.random.default_rng(0)
        while left > 0:
            part = np.clip(block[:left] * random.uniform(0.7, 1.0), -1, 1)
            target.writeframes((part * 32767).astype("<i2").tobytes())
            left -= len(part)
    command = [sys.executable, "-m", "tests.bench.memory", "--file", str(file)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


async def _peak(file: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        store, pool = open_store(f"{folder}/store"), EnginePool()
        await process(file, store, "m", pool, Options(), Path(folder) / "scratch", sound="bench")
        await results(store, "m")
        await pool.close()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
