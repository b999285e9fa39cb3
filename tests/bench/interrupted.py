"""parley transcribe, killed with -9 at random moments and started again: its result against an undisturbed run.

Usage: python -m tests.bench.interrupted [--kills 20] [--minutes 5] [--seed 7]
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

import numpy as np

from pipeline.replay import fingerprint
from storage.artifact_store import open_store
from tests.bench.assemble import assemble
from tests.bench.voices import synthetic


def main() -> None:
    """Print what each kill met, and whether the artifacts are equal in the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "meeting.wav"
        sound = assemble(synthetic(), chosen.minutes * 60, chosen.seed).samples
        with wave.open(str(file), "wb") as target:
            target.setparams((1, 2, 16_000, 0, "NONE", ""))
            target.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
        began = time.monotonic()
        _run(file, folder / "whole").wait()
        whole = time.monotonic() - began
        print(f"undisturbed: {whole:.1f} s")
        killed = _interrupted(file, folder / "cut", whole, chosen.kills, random.Random(chosen.seed))
        same = _prints(folder / "whole") == _prints(folder / "cut")
        print(f"killed {killed} times; artifacts equal: {same}")
        sys.exit(0 if same else 1)


def _interrupted(file: Path, data: Path, whole: float, kills: int, moments: random.Random) -> int:
    """Kill as often as told within what a run takes, then let it end."""
    killed = 0
    while killed < kills:
        work = _run(file, data)
        try:
            work.wait(timeout=moments.uniform(0.3, max(3.0, 2.5 * whole / kills)))
            break  # it came to its end between two kills
        except subprocess.TimeoutExpired:
            work.kill()
            work.wait()
            killed += 1
    began = time.monotonic()
    code = _run(file, data).wait()
    print(f"the run after the last kill: {time.monotonic() - began:.1f} s, exit code {code}")
    return killed


def _run(file: Path, data: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "api.cli", "transcribe", str(file), "--output", os.devnull]
    environment = {**os.environ, "PARLEY_DATA": str(data)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def _prints(data: Path) -> dict[str, str]:
    (meeting,) = (path.name for path in (data / "artifacts" / "meetings").iterdir())
    return asyncio.run(fingerprint(open_store(str(data / "artifacts")), meeting))


if __name__ == "__main__":
    main()
