"""Files of every kind -> speed of our decoding against the ffmpeg program's, and memory of a short and a long file.

    python -m tests.bench.decode [--minutes 20] [--rounds 5]

Both decode the same file to 16 kHz mono, by turns in one run. Our CPU time is that of the child and of this process,
starts included, as the ffmpeg program's is; our wall time is that of a server, which has already started.
"""

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from pipeline.recording import Recording, fill
from stages.resample import Decoder, decode
from stages.speech import SAMPLE_RATE
from tests.media_files import sparse_wav
from tests.programs import find_program
from tests.sounds import shipped

KINDS = {
    "wav": ["-c:a", "pcm_s16le"],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "128k"],
    "m4a": ["-c:a", "aac", "-b:a", "128k"],
    "ogg": ["-c:a", "libopus", "-b:a", "32k"],
    "webm": ["-c:a", "libopus", "-b:a", "48k"],
    "flac": ["-c:a", "flac"],
}
QUIET = ["ffmpeg", "-v", "error", "-nostdin"]


class Cost(msgspec.Struct, frozen=True):
    """What one decoding took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, of all processes."""


def cpu_time() -> float:
    """Return the CPU seconds of this process and of the children that ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


async def ours(path: Path) -> Cost:
    wall, cpu = time.perf_counter(), cpu_time()
    async for _ in decode(path):
        pass
    return Cost(time.perf_counter() - wall, cpu_time() - cpu)


async def theirs(path: Path) -> Cost:
    wall, cpu = time.perf_counter(), cpu_time()
    command = [*QUIET, "-i", str(path), "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "-"]
    program = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL)
    await program.wait()
    return Cost(time.perf_counter() - wall, cpu_time() - cpu)


async def race(folder: Path, minutes: float, rounds: int) -> None:
    """Print how fast each kind of file is decoded."""
    speech = ["-stream_loop", "-1", "-i", str(shipped("two_cities.wav")), "-t", str(minutes * 60), "-ac", "2"]
    print(f"{minutes:g} minutes of speech, 48 kHz stereo; medians of {rounds} rounds; ratio over 1: we are faster")
    print("kind   ours wall   cpu   x real time   ffmpeg wall   cpu   ratio wall   cpu")
    for kind, options in KINDS.items():
        path = folder / f"speech.{kind}"
        making = await asyncio.create_subprocess_exec(*QUIET, *speech, *options, str(path))
        assert await making.wait() == 0
        await ours(path)
        pairs = [(await ours(path), await theirs(path)) for _ in range(rounds)]
        wall, cpu = (statistics.median(getattr(mine, name) for mine, _ in pairs) for name in ("wall", "cpu"))
        wall2, cpu2 = (statistics.median(getattr(other, name) for _, other in pairs) for name in ("wall", "cpu"))
        print(
            f"{kind:<6} {wall:9.2f} {cpu:5.2f} {minutes * 60 / cpu:13.0f} {wall2:13.2f} {cpu2:5.2f}"
            f" {wall2 / wall:12.2f} {cpu2 / cpu:5.2f}"
        )
        path.unlink()


async def listen(path: Path) -> None:
    """Decode into a recording with three readers, and print the peak of this process and of its child, in MB."""
    with tempfile.TemporaryDirectory() as folder, Recording(Path(folder)) as recording:

        async def follow(size: int) -> None:
            async for _ in recording.chunks({}, size):
                pass

        await asyncio.gather(fill(recording, Decoder(path)), *(follow(size) for size in (8000, 16_000, 160_000)))
        assert recording.error is None
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(*(f"{peak:.0f}" for peak in peaks))


async def weigh(folder: Path) -> None:
    """Print the peak memory for ten minutes and for three hours."""
    for name, seconds in (("10 minutes", 600), ("3 hours", 10_800)):
        path = sparse_wav(folder / "long.wav", seconds)
        command = [sys.executable, "-m", "tests.bench.decode", "--listen", str(path)]
        program = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        said, _ = await program.communicate()
        here, child = said.split()
        print(f"{name:<11} peak of the process {here.decode()} MB, of its child {child.decode()} MB")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--listen", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.listen:
        asyncio.run(listen(asked.listen))
        return
    if find_program("ffmpeg") is None:
        sys.exit("ffmpeg is not installed: apt-get install ffmpeg")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(race(Path(folder), asked.minutes, asked.rounds))
        asyncio.run(weigh(Path(folder)))


if __name__ == "__main__":
    main()
